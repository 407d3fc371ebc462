/** A MachineSet as far as a rollout looks at it. */
export interface SetState {
  readonly name: string
  /** `spec.replicas`. */
  readonly desired: number
  /** `status.replicas`. */
  readonly actual: number
  /** `status.availableReplicas`. */
  readonly available: number
}

export interface RolloutInput {
  /** Replicas of the MachineDeployment. */
  readonly replicas: number
  /** The set with the current template. */
  readonly current: SetState
  /** The others, oldest first. */
  readonly old: readonly SetState[]
}

export interface RollingLimits {
  readonly maxSurge: number
  readonly maxUnavailable: number
}

/** New `spec.replicas` by the set's name; a set that stays as it is is not in it. */
export type RolloutPlan = ReadonlyMap<string, number>

type Limit = number | string | undefined

/** The limits as numbers of Machines; both 0 would stand still, so one may be unavailable then. */
export function rollingLimits(
  replicas: number,
  { maxSurge, maxUnavailable }: { readonly maxSurge?: Limit; readonly maxUnavailable?: Limit },
): RollingLimits {
  const surge = scaled(maxSurge ?? 1, replicas, Math.ceil)
  const unavailable = scaled(maxUnavailable ?? 0, replicas, Math.floor)
  return {
    maxSurge: surge,
    maxUnavailable: Math.min(surge + unavailable === 0 ? 1 : unavailable, replicas),
  }
}

function scaled(
  limit: number | string,
  replicas: number,
  round: (value: number) => number,
): number {
  if (typeof limit === "number") return limit
  return round((Number.parseInt(limit, 10) * replicas) / 100)
}

/**
 * One step of a rolling update. Which Machine a set gives up is the set's own choice, so that every
 * Machine that goes is taken for an available one; while new Machines do not become available, no
 * more old ones go.
 */
export function planRollingUpdate(input: RolloutInput, limits: RollingLimits): RolloutPlan {
  const plan = new Map<string, number>()
  const { replicas, current, old } = input
  const room = replicas + limits.maxSurge - totalOf([...old, current])
  const next = Math.min(current.desired + Math.max(room, 0), replicas)
  if (next !== current.desired) plan.set(current.name, next)
  shrinkOldSets(input, limits, plan)
  breakDeadlock(input, plan)
  return plan
}

/** One step where users delete the old Machines themselves. */
export function planOnDelete({ replicas, current, old }: RolloutInput): RolloutPlan {
  const plan = new Map<string, number>()
  const room = Math.max(replicas - totalOf([...old, current]), 0)
  const next = Math.min(current.desired + room, replicas)
  if (next !== current.desired) plan.set(current.name, next)
  // Machines that were deleted are not made again, and what is too much goes from the oldest set.
  let excess = sum(old, (set) => set.desired) + next - replicas
  for (const set of old) {
    const gone = Math.max(set.desired - set.actual, 0)
    if (gone === 0) continue
    plan.set(set.name, set.desired - gone)
    excess -= gone
  }
  for (const set of old) {
    const kept = plan.get(set.name) ?? set.desired
    const less = Math.min(kept, Math.max(excess, 0))
    if (less === 0) continue
    plan.set(set.name, kept - less)
    excess -= less
  }
  return plan
}

/**
 * Scaling alone, while rollouts are held: the newest set that has Machines takes the difference.
 */
export function planScaling({ replicas, current, old }: RolloutInput): RolloutPlan {
  const plan = new Map<string, number>()
  const sets = [current, ...old.toReversed()]
  let difference = replicas - sum(sets, (set) => set.desired)
  if (difference > 0) {
    const target = sets.find((set) => set.desired > 0) ?? current
    plan.set(target.name, target.desired + difference)
  }
  for (const set of old) {
    if (difference >= 0) break
    const less = Math.min(set.desired, -difference)
    if (less > 0) plan.set(set.name, set.desired - less)
    difference += less
  }
  if (difference < 0) plan.set(current.name, current.desired + difference)
  return plan
}

interface Shrinking {
  /** How many replicas may still be taken from old sets. */
  budget: number
  /** How many Machines are available, if every one that goes was. */
  available: number
  readonly minAvailable: number
}

function shrinkOldSets(
  { replicas, current, old }: RolloutInput,
  { maxUnavailable }: RollingLimits,
  plan: Map<string, number>,
): void {
  const all = [...old, current]
  const minAvailable = Math.max(replicas - maxUnavailable, 0)
  const leaving = sum(all, (set) => {
    const kept = Math.min(plan.get(set.name) ?? set.desired, set.desired)
    return Math.max(set.actual - kept, 0)
  })
  const broken = Math.max(current.desired - current.available, 0)
  const state: Shrinking = {
    budget: sum(all, (set) => set.desired) - leaving - minAvailable - broken,
    available: sum(all, (set) => set.available),
    minAvailable,
  }
  for (const set of old) shrink(set, { onlyUnavailable: true, state, plan })
  for (const set of old) shrink(set, { onlyUnavailable: false, state, plan })
}

interface ShrinkOptions {
  readonly onlyUnavailable: boolean
  readonly state: Shrinking
  readonly plan: Map<string, number>
}

function shrink(set: SetState, { onlyUnavailable, state, plan }: ShrinkOptions): void {
  const kept = plan.get(set.name) ?? set.desired
  const most = onlyUnavailable ? Math.max(kept - set.available, 0) : kept
  let less = Math.min(most, Math.max(state.budget, 0))
  if (less === 0) return
  if (set.available > 0) {
    let deleted = Math.max(set.actual - (kept - less), 0)
    const allowed = Math.max(state.available - state.minAvailable, 0)
    if (deleted > allowed) {
      const least = Math.min(set.actual - allowed, kept)
      less = Math.max(kept - least, 0)
      deleted = Math.max(set.actual - least, 0)
    }
    state.available -= Math.min(set.available, deleted)
  }
  if (less === 0) return
  plan.set(set.name, kept - less)
  state.budget -= less
}

/**
 * Nothing moves any more because old Machines are broken and each one that goes counts as
 * available:
 * one of theirs goes nevertheless, once the new set is whole.
 */
function breakDeadlock({ current, old }: RolloutInput, plan: Map<string, number>): void {
  const all = [...old, current]
  const isMoving = plan.size > 0 || all.some((set) => set.desired !== set.actual)
  if (isMoving || current.available !== current.actual) return
  const stuck = old.find((set) => set.desired > 0 && set.available < set.actual)
  if (stuck) plan.set(stuck.name, stuck.desired - 1)
}

/** Machines that are there still count where fewer are wanted. */
function totalOf(sets: readonly SetState[]): number {
  return sum(sets, (set) => Math.max(set.desired, set.actual))
}

function sum<T>(items: readonly T[], valueOf: (item: T) => number): number {
  return items.reduce((total, item) => total + valueOf(item), 0)
}
