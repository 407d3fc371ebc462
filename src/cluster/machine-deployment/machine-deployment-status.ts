import type { Machine, MachineDeployment, MachineDeploymentStatus } from "#apis"
import type { Observation, Observed, ReconcileResult } from "#controller"
import { findCondition } from "#meta"
import { mergeVersions } from "../machine-versions.ts"
import { blockedBy, scalingConditions, selectorText } from "../scaling-status.ts"
import {
  machinesOf,
  type MachineDeploymentScope,
  machineSetsOf,
} from "./machine-deployment-access.ts"
import { rollingLimits } from "./rollout-plan.ts"

/** The condition types that the MachineDeployment controller owns. */
export const machineDeploymentConditionTypes = [
  "Available",
  "RollingOut",
  "MachinesReady",
  "MachinesUpToDate",
  "ScalingUp",
  "ScalingDown",
  "Remediating",
  "Deleting",
  "Paused",
]

export function observeMachineDeployment(
  scope: MachineDeploymentScope,
  result: ReconcileResult,
): Observed<MachineDeployment> {
  const deployment = scope.object
  const machines = machinesOf(scope)
  const machineSets = machineSetsOf(scope)
  const isDeleting = deployment.metadata.deletionTimestamp !== undefined
  const desired = isDeleting ? 0 : (deployment.spec.replicas ?? 0)
  const statuses = machineSets.map(({ status }) => status ?? {})
  const sum = (name: "replicas" | "readyReplicas" | "availableReplicas" | "upToDateReplicas") =>
    statuses.reduce((total, status) => total + (status[name] ?? 0), 0)
  const current = sum("replicas")
  const blocked = blockedBy(result, ["ClusterDoesNotExist", "TemplateDoesNotExist"])
  const scaling = { desired, current, isDeleting, blocked }
  return {
    selector: selectorText(deployment),
    replicas: current,
    readyReplicas: sum("readyReplicas"),
    availableReplicas: sum("availableReplicas"),
    upToDateReplicas: sum("upToDateReplicas"),
    versions: mergeVersions(statuses.flatMap((status) => status.versions ?? [])),
    phase: phaseOf(desired, current, isDeleting),
    conditions: [
      available(deployment, sum("availableReplicas")),
      rollingOut(machines),
      ...scalingConditions(scaling, machines, scope.clock.now()),
    ],
  }
}

function phaseOf(
  desired: number,
  current: number,
  isDeleting: boolean,
): NonNullable<MachineDeploymentStatus["phase"]> {
  if (isDeleting || desired < current) return "ScalingDown"
  return desired > current ? "ScalingUp" : "Running"
}

function available(deployment: MachineDeployment, count: number): Observation {
  const type = "Available"
  const { replicas = 0, rollout } = deployment.spec
  const isRolling = rollout?.strategy?.type !== "OnDelete"
  const { maxUnavailable } = rollingLimits(replicas, rollout?.strategy?.rollingUpdate ?? {})
  const needed = replicas - (isRolling ? maxUnavailable : 0)
  if (count >= needed) return { type, status: "True", reason: "Available" }
  const message =
    deployment.metadata.deletionTimestamp === undefined
      ? `${count} available replicas, at least ${needed} required of ${replicas}`
      : "Deletion in progress"
  return { type, status: "False", reason: "NotAvailable", message }
}

/** Says why Machines are replaced; a change of version comes first. */
function rollingOut(machines: readonly Machine[]): Observation {
  const type = "RollingOut"
  const outdated = machines
    .map((machine) => findCondition(machine, "UpToDate"))
    .filter((condition) => condition?.status === "False")
  if (outdated.length === 0) return { type, status: "False", reason: "NotRollingOut" }
  const reasons = new Set(
    outdated.flatMap((condition) => (condition?.message ?? "").split("\n")).filter(Boolean),
  )
  const isVersion = (reason: string): boolean => reason.startsWith("* Version")
  const sorted = [...reasons].sort(
    (left, right) =>
      Number(isVersion(right)) - Number(isVersion(left)) || left.localeCompare(right),
  )
  const message = [`Rolling out ${outdated.length} not up-to-date replicas`, ...sorted].join("\n")
  return { type, status: "True", reason: "RollingOut", message }
}
