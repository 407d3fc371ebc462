import type { MachineSet } from "#apis"
import type { Observation, Observed, ReconcileResult } from "#controller"
import { formatSelector, isConditionTrue, selectorOf } from "#meta"
import { versionsOf } from "../cluster/replica-summary.ts"
import {
  judgedMachines,
  machinesCondition,
  readyReasons,
  remediating,
  upToDateReasons,
} from "../machine-conditions.ts"
import { deletingMachines, scalingDown, scalingUp } from "../scaling-conditions.ts"
import { machinesOf, type MachineSetScope } from "./machine-set-access.ts"

/** The condition types that the MachineSet controller owns. */
export const machineSetConditionTypes = [
  "MachinesReady",
  "MachinesUpToDate",
  "ScalingUp",
  "ScalingDown",
  "Remediating",
  "Deleting",
  "Paused",
]

const blockingReasons = ["TemplateDoesNotExist", "PreflightChecksFailed", "MachineCreationDisabled"]

export function observeMachineSet(
  scope: MachineSetScope,
  result: ReconcileResult,
): Observed<MachineSet> {
  const machineSet = scope.object
  const machines = machinesOf(scope)
  const nowMs = scope.clock.now()
  const isDeleting = machineSet.metadata.deletionTimestamp !== undefined
  const desired = isDeleting ? 0 : (machineSet.spec.replicas ?? 0)
  const blocked = result.waits
    .filter((wait) => blockingReasons.includes(wait.reason))
    .flatMap((wait) => wait.message.split("\n"))
  if (result.error) blocked.push(result.error.message)
  const current = machines.length
  const count = (type: string): number =>
    machines.filter((machine) => isConditionTrue(machine, type)).length
  const conditions: Observation[] = [
    scalingUp({ desired, current, isDeleting, blocked: [...new Set(blocked)] }),
    scalingDown({ desired, current }, machines, nowMs),
    machinesCondition(machines, {
      type: "MachinesReady",
      sourceType: "Ready",
      reasons: readyReasons,
    }),
    machinesCondition(judgedMachines(machines, nowMs), {
      type: "MachinesUpToDate",
      sourceType: "UpToDate",
      reasons: upToDateReasons,
    }),
    remediating(machines),
    deletingMachines(isDeleting, machines, nowMs),
  ]
  return {
    selector: selectorText(machineSet),
    replicas: current,
    readyReplicas: count("Ready"),
    availableReplicas: count("Available"),
    upToDateReplicas: count("UpToDate"),
    versions: versionsOf(machines),
    conditions,
  }
}

/** For the scale subresource; nothing rather than an empty text. */
export function selectorText(object: Pick<MachineSet, "spec">): string | undefined {
  const selector = selectorOf(object.spec.selector)
  return (selector && formatSelector(selector)) || undefined
}
