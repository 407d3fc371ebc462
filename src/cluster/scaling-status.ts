import type { Machine, MachineDeployment, MachineSet } from "#apis"
import { listText } from "#contract"
import type { Observation, ReconcileResult } from "#controller"
import { findCondition, formatSelector, selectorOf } from "#meta"
import { machinesConditions, remediating } from "./machine-conditions.ts"

/** A MachineSet or MachineDeployment as far as its size goes. */
export interface Scaling {
  /** 0 while the object is being deleted. */
  readonly desired: number
  readonly current: number
  readonly isDeleting: boolean
  /** Why no Machines can be made, one sentence each. */
  readonly blocked: readonly string[]
}

/** The conditions that MachineSets and MachineDeployments have in common. */
export function scalingConditions(
  scaling: Scaling,
  machines: readonly Machine[],
  nowMs: number,
): readonly Observation[] {
  return [
    scalingUp(scaling),
    scalingDown(scaling, machines, nowMs),
    ...machinesConditions("", machines, nowMs),
    remediating(machines),
    deletingMachines(scaling.isDeleting, machines, nowMs),
  ]
}

/** Why no Machines can be made, by what the phases came to: waits with these reasons, an error. */
export function blockedBy(result: ReconcileResult, reasons: readonly string[]): readonly string[] {
  const blocked = result.waits
    .filter((wait) => reasons.includes(wait.reason))
    .flatMap((wait) => wait.message.split("\n"))
  if (result.error) blocked.push(result.error.message)
  return [...new Set(blocked)]
}

/** For the scale subresource; nothing rather than an empty text. */
export function selectorText(object: MachineSet | MachineDeployment): string | undefined {
  const selector = selectorOf(object.spec.selector)
  return (selector && formatSelector(selector)) || undefined
}

function scalingUp({ desired, current, isDeleting, blocked }: Scaling): Observation {
  const type = "ScalingUp"
  if (current >= desired) {
    const message =
      isDeleting || blocked.length === 0
        ? ""
        : `Scaling up would be blocked because:\n${bullets(blocked)}`
    return { type, status: "False", reason: "NotScalingUp", message }
  }
  const message = `Scaling up from ${current} to ${desired} replicas`
  return {
    type,
    status: "True",
    reason: "ScalingUp",
    message: blocked.length === 0 ? message : `${message} is blocked because:\n${bullets(blocked)}`,
  }
}

function scalingDown(
  { desired, current }: Scaling,
  machines: readonly Machine[],
  nowMs: number,
): Observation {
  const type = "ScalingDown"
  if (current <= desired) return { type, status: "False", reason: "NotScalingDown" }
  const message = `Scaling down from ${current} to ${desired} replicas`
  return {
    type,
    status: "True",
    reason: "ScalingDown",
    message: [message, ...staleText(machines, nowMs)].join("\n"),
  }
}

const longDeletionMs = 15 * 60_000

/** Machines that have been going for long, as lines of a message. */
function staleText(machines: readonly Machine[], nowMs: number): readonly string[] {
  const stale = machines.filter(({ metadata: { deletionTimestamp } }) => {
    return deletionTimestamp !== undefined && nowMs - Date.parse(deletionTimestamp) > longDeletionMs
  })
  if (stale.length === 0) return []
  const names = listText(stale.map((machine) => machine.metadata.name).sort())
  const stages = new Set(
    stale.map((machine) => findCondition(machine, "Deleting")?.reason).filter(Boolean),
  )
  const stage = stages.size === 0 ? "" : ` (${[...stages].sort().join(", ")})`
  return [`* In deletion since more than 15m: ${names}${stage}`]
}

function deletingMachines(
  isDeleting: boolean,
  machines: readonly Machine[],
  nowMs: number,
): Observation {
  const type = "Deleting"
  if (!isDeleting) return { type, status: "False", reason: "NotDeleting" }
  const count = machines.length
  const message =
    count === 0 ? "Deletion completed" : `Deleting ${count} ${count === 1 ? "Machine" : "Machines"}`
  return {
    type,
    status: "True",
    reason: "Deleting",
    message: [message, ...staleText(machines, nowMs)].join("\n"),
  }
}

function bullets(lines: readonly string[]): string {
  return lines.map((line) => `* ${line}`).join("\n")
}
