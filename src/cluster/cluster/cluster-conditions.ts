import type { Cluster, Machine } from "#apis"
import { formatTime } from "#base"
import {
  aggregateConditions,
  type AggregatePart,
  conditionsOf,
  listText,
  observationOf,
  type Polarity,
  summarizeConditions,
  type SummaryPart,
} from "#contract"
import type { Observation } from "#controller"
import { isConditionTrue, type UntypedObject } from "#meta"
import type { WorkloadClusters, WorkloadState } from "#workload"
import { type Conditioned, partsOf } from "../machine-conditions.ts"
import type { Descendants } from "./cluster-access.ts"
import { probeGraceMs } from "./connection.phase.ts"

/** `RollingOut`, `ScalingUp` or `ScalingDown` over all that scales. */
export function movementCondition(
  type: "RollingOut" | "ScalingUp" | "ScalingDown",
  controlPlane: UntypedObject | undefined,
  objects: readonly Conditioned[],
): Observation {
  const own = controlPlane && conditionsOf(controlPlane).find((each) => each.type === type)
  const parts: AggregatePart[] = [...partsOf(objects, type)]
  if (controlPlane && own) {
    const { kind, metadata } = controlPlane
    const { status, reason, message } = own
    parts.unshift({ kind, name: metadata.name, condition: { type, status, reason, message } })
  }
  if (parts.length === 0) return { type, status: "False", reason: `Not${type}` }
  const polarity: Polarity = "Negative"
  const reasons = { issue: type, unknown: `${type}Unknown`, fine: `Not${type}` }
  return aggregateConditions(parts, { type, sourceType: type, reasons, polarity })
}

export function workersAvailable({ deployments }: Descendants): Observation {
  const type = "WorkersAvailable"
  if (deployments.length === 0) return { type, status: "True", reason: "NoWorkers" }
  const reasons = { issue: "NotAvailable", unknown: "AvailableUnknown", fine: "Available" }
  const sourceType = "Available"
  return aggregateConditions(partsOf(deployments, sourceType), { type, sourceType, reasons })
}

/** Control plane Machines without an object above them: available while most of them are ready. */
export function standaloneControlPlane(
  cluster: Cluster,
  machines: readonly Machine[],
): Observation {
  const type = "ControlPlaneAvailable"
  if (!cluster.status?.initialization?.controlPlaneInitialized) {
    const message = "Control plane not yet initialized"
    return { type, status: "False", reason: "NotAvailable", message }
  }
  const broken = machines.filter((machine) => !isConditionTrue(machine, "Ready"))
  if (machines.length > 0 && broken.length * 2 < machines.length) {
    return { type, status: "True", reason: "Available" }
  }
  const message =
    machines.length === 0
      ? "There are no control plane Machines"
      : `Control plane Machines not ready: ${listText(broken.map((each) => each.metadata.name))}`
  return { type, status: "False", reason: "NotAvailable", message }
}

export function controlPlaneInitialized(cluster: Cluster): Observation {
  const type = "ControlPlaneInitialized"
  if (cluster.status?.initialization?.controlPlaneInitialized) {
    return { type, status: "True", reason: "Initialized" }
  }
  const message = cluster.spec.controlPlaneRef
    ? "Control plane not yet initialized"
    : "Waiting for the first control plane Machine to have status.nodeRef set"
  return { type, status: "False", reason: "NotInitialized", message }
}

/** The way to the workload cluster. */
export type Reach = Pick<
  ReturnType<WorkloadClusters["cluster"]>,
  "state" | "lastProbeMs" | "silentSinceMs"
>

/** A plane that has just started takes over what was known when it stopped. */
export function connectionProbe(
  cluster: Cluster,
  { state, lastProbeMs, silentSinceMs }: Reach,
  nowMs: number,
): Observation {
  const type = "RemoteConnectionProbe"
  const wasReached = lastProbeMs !== undefined || isConditionTrue(cluster, type)
  if (wasReached && nowMs - silentSinceMs <= probeGraceMs) {
    return { type, status: "True", reason: "ProbeSucceeded" }
  }
  const silence =
    lastProbeMs === undefined
      ? "Remote connection not established yet"
      : `The workload cluster answered last at ${formatTime(lastProbeMs)}`
  const message = [silence, problemOf(state)].filter(Boolean).join(": ")
  return { type, status: "False", reason: "ProbeFailed", message }
}

/** What went wrong, once it was tried. */
function problemOf(state: WorkloadState): string {
  if (state.kind === "connected") return ""
  return ["NoKubeconfig", "Connecting"].includes(state.reason) ? "" : state.message
}

const availabilityTypes = [
  "Deleting",
  "RemoteConnectionProbe",
  "InfrastructureReady",
  "ControlPlaneAvailable",
  "WorkersAvailable",
]

/** `Available`: the summary of the Cluster's conditions and of its availability gates. */
export function clusterAvailable(cluster: Cluster, own: readonly Observation[]): Observation {
  const isDeleting = cluster.metadata.deletionTimestamp !== undefined
  const conditionOf = (type: string): Observation | undefined =>
    own.find((condition) => condition.type === type) ?? observationOf(cluster, type)
  const parts = availabilityTypes.map((type): SummaryPart => {
    const condition = conditionOf(type)
    const isGone = ["ObjectDeleted", "ObjectDoesNotExist"].includes(condition?.reason ?? "")
    return {
      type,
      condition,
      polarity: type === "Deleting" ? "Negative" : "Positive",
      harmless: isDeleting && isGone,
    }
  })
  const gates = (cluster.spec.availabilityGates ?? []).map((gate): SummaryPart => ({
    type: gate.conditionType,
    condition: conditionOf(gate.conditionType),
    polarity: gate.polarity,
  }))
  return summarizeConditions("Available", [...parts, ...gates], {
    issue: "NotAvailable",
    unknown: "AvailableUnknown",
    fine: "Available",
  })
}
