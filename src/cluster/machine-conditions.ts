import { isControlPlane, type Machine } from "#apis"
import {
  aggregateConditions,
  type AggregatePart,
  listText,
  type MergeReasons,
  observationOf,
} from "#contract"
import type { Observation } from "#controller"
import type { ApiObject, Condition } from "#meta"

export type Conditioned = ApiObject & {
  readonly status?: { readonly conditions?: readonly Condition[] | undefined } | undefined
}

const readyReasons = { issue: "NotReady", unknown: "ReadyUnknown", fine: "Ready" }
const upToDateReasons = { issue: "NotUpToDate", unknown: "UpToDateUnknown", fine: "UpToDate" }
const flickerMs = 10_000

/** `MachinesReady` and `MachinesUpToDate` of a group of Machines, whose name comes first. */
export function machinesConditions(
  group: "" | "ControlPlane" | "Worker",
  machines: readonly Machine[],
  nowMs: number,
): readonly Observation[] {
  return [
    machinesCondition(machines, {
      type: `${group}MachinesReady`,
      sourceType: "Ready",
      reasons: readyReasons,
    }),
    machinesCondition(judgedMachines(machines, nowMs), {
      type: `${group}MachinesUpToDate`,
      sourceType: "UpToDate",
      reasons: upToDateReasons,
    }),
  ]
}

function machinesCondition(
  machines: readonly Machine[],
  options: { readonly type: string; readonly sourceType: string; readonly reasons: MergeReasons },
): Observation {
  const { type } = options
  if (machines.length === 0) return { type, status: "True", reason: "NoReplicas" }
  return aggregateConditions(partsOf(machines, options.sourceType), options)
}

/** Machines that have said whether they are up to date, or had the time to. */
function judgedMachines(machines: readonly Machine[], nowMs: number): readonly Machine[] {
  return machines.filter(
    (machine) =>
      observationOf(machine, "UpToDate") !== undefined ||
      nowMs - Date.parse(machine.metadata.creationTimestamp ?? "") > flickerMs,
  )
}

export function partsOf(
  objects: readonly Conditioned[],
  sourceType: string,
): readonly AggregatePart[] {
  return objects.map((object) => ({
    kind: object.kind,
    name: object.metadata.name,
    condition: observationOf(object, sourceType),
    isControlPlane: isControlPlane(object),
  }))
}

/** Machines whose owner has been asked to replace them. */
export function remediating(machines: readonly Machine[]): Observation {
  const type = "Remediating"
  const isUnhealthy = (machine: Machine): boolean =>
    observationOf(machine, "HealthCheckSucceeded")?.status === "False"
  const due = machines.filter(
    (machine) =>
      isUnhealthy(machine) && observationOf(machine, "OwnerRemediated")?.status === "False",
  )
  if (due.length > 0) {
    const reasons = { issue: type, unknown: type, fine: type }
    const sourceType = "OwnerRemediated"
    const { message } = aggregateConditions(partsOf(due, sourceType), { type, sourceType, reasons })
    return { type, status: "True", reason: "Remediating", message }
  }
  const unhealthy = machines.filter(isUnhealthy).map((machine) => machine.metadata.name)
  const message =
    unhealthy.length === 0
      ? ""
      : `Not healthy, and not to be remediated: ${listText(unhealthy.toSorted())}`
  return { type, status: "False", reason: "NotRemediating", message }
}
