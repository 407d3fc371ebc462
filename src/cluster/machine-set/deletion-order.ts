import { annotation, type Machine, type MachineSet } from "#apis"
import { findCondition } from "#meta"

type Order = NonNullable<NonNullable<MachineSet["spec"]["deletion"]>["order"]>

const priority = { deleting: 100, marked: 80, unhealthy: 50, healthy: 20 } as const
const agingMs = 10 * 24 * 60 * 60 * 1000

/** Machines in the order in which they are given up; the same for the same input. */
export function deletionOrder(
  machines: readonly Machine[],
  order: Order,
  nowMs: number,
): readonly Machine[] {
  return machines
    .map((machine) => ({ machine, rank: deletionPriority(machine, order, nowMs) }))
    .sort((left, right) => right.rank - left.rank || compareNames(left.machine, right.machine))
    .map(({ machine }) => machine)
}

/**
 * From 0 (keep) to 100: what is being deleted anyway, what somebody marked, what is unhealthy, and
 * then by the set's order, where age counts on a scale of ten days.
 */
export function deletionPriority(machine: Machine, order: Order, nowMs: number): number {
  const { deletionTimestamp, annotations = {}, creationTimestamp } = machine.metadata
  if (deletionTimestamp !== undefined) return priority.deleting
  if (annotations[annotation.deleteMachine] !== undefined) return priority.marked
  if (!isHealthy(machine)) return priority.unhealthy
  if (order === "Random") return priority.healthy
  const ageMs = creationTimestamp === undefined ? 0 : nowMs - Date.parse(creationTimestamp)
  const aged = ageMs <= 0 ? 0 : priority.unhealthy * (1 - Math.exp(-ageMs / agingMs))
  return order === "Oldest" ? aged : priority.unhealthy - aged
}

/** A Node that nothing is known of is not held against its Machine. */
function isHealthy(machine: Machine): boolean {
  return (
    machine.status?.nodeRef !== undefined &&
    findCondition(machine, "NodeHealthy")?.status !== "False" &&
    findCondition(machine, "HealthCheckSucceeded")?.status !== "False"
  )
}

function compareNames(left: Machine, right: Machine): number {
  return left.metadata.name < right.metadata.name ? -1 : 1
}
