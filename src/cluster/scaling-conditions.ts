import type { Machine } from "#apis"
import { listText } from "#contract"
import type { Observation } from "#controller"
import { findCondition } from "#meta"

export interface ScalingInput {
  /** 0 while the object is being deleted. */
  readonly desired: number
  readonly current: number
  readonly isDeleting: boolean
  /** Why no Machines can be made, one sentence each. */
  readonly blocked: readonly string[]
}

export function scalingUp({ desired, current, isDeleting, blocked }: ScalingInput): Observation {
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

export function scalingDown(
  { desired, current }: Pick<ScalingInput, "desired" | "current">,
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
export function staleText(machines: readonly Machine[], nowMs: number): readonly string[] {
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

export function deletingMachines(
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
