import { deepEqual, isObject, type JsonObject } from "#base"
import type { Condition, Kind, KindRef } from "#meta"
import { setCondition } from "#meta"
import { AccessError } from "./access.ts"
import { ownsBeyond } from "./owned-fields.ts"
import type { Observation } from "./scope.ts"

/** What a kind's schema says that matters for writing its status. */
export interface StatusTraits {
  readonly hasObservedGeneration: boolean
  /** The list of conditions is replaced as a whole instead of merged by type. */
  readonly hasAtomicConditions: boolean
}

/** From the schema, when the reference is a kind with one; else what Kubernetes' own kinds have. */
export function statusTraits(kind: KindRef | Kind): StatusTraits {
  const versions = "versions" in kind ? kind.versions : []
  const status = versions.find((version) => version.name === kind.version)?.schema.properties?.[
    "status"
  ]
  const conditions = status?.properties?.["conditions"]
  return {
    hasObservedGeneration: status?.properties?.["observedGeneration"] !== undefined,
    hasAtomicConditions: conditions !== undefined && conditions["x-kubernetes-list-type"] !== "map",
  }
}

export interface StatusInput {
  /** The status as it stands. */
  readonly current: unknown
  readonly generation: number | undefined
  /** RFC 3339. */
  readonly now: string
  readonly traits: StatusTraits
  readonly ownTypes: readonly string[]
}

/**
 * The whole status to apply: conditions get their times and generation, a foreign type is refused.
 */
export function desiredStatus(
  observed: Readonly<Record<string, unknown>>,
  input: StatusInput,
): Readonly<Record<string, unknown>> {
  const { conditions: observations = [], ...fields } = observed
  const conditions = observedConditions(observations as readonly Observation[], input)
  const status: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(fields)) {
    if (value !== undefined) status[name] = value
  }
  if (conditions.length > 0) status["conditions"] = conditions
  if (input.traits.hasObservedGeneration && input.generation !== undefined) {
    status["observedGeneration"] = input.generation
  }
  return status
}

/**
 * Conditions ready to be applied: with their times, and beside foreign ones where lists are atomic.
 */
export function observedConditions(
  observations: readonly Observation[],
  input: StatusInput,
): readonly Condition[] {
  const current = conditionsOf(input.current)
  const own = observations.map((observation) => {
    if (!input.ownTypes.includes(observation.type)) {
      throw new AccessError(`set condition ${observation.type}: not declared`)
    }
    const known = current.filter((condition) => condition.type === observation.type)
    const next = { ...observation, observedGeneration: input.generation }
    return setCondition(known, next, input.now)[0] as Condition
  })
  if (!input.traits.hasAtomicConditions) return own
  const foreign = current.filter((condition) => !input.ownTypes.includes(condition.type))
  return [...foreign, ...own]
}

export function conditionsOf(status: unknown): readonly Condition[] {
  const conditions = isObject(status) ? status["conditions"] : undefined
  return Array.isArray(conditions) ? (conditions as readonly Condition[]) : []
}

/** True when applying the status would change something: a value, or a field to let go of. */
export function statusDiffers(
  current: unknown,
  desired: Readonly<Record<string, unknown>>,
  owned: JsonObject | undefined,
): boolean {
  const names = Object.keys(desired)
  if (names.length === 0) return owned !== undefined
  if (!owned || ownsBeyond(owned, desired) || !isObject(current)) return true
  return names.some((name) =>
    name === "conditions"
      ? conditionsDiffer(conditionsOf(current), conditionsOf(desired))
      : !deepEqual(current[name], desired[name]),
  )
}

function conditionsDiffer(current: readonly Condition[], desired: readonly Condition[]): boolean {
  return desired.some((condition) => !current.some((candidate) => deepEqual(candidate, condition)))
}
