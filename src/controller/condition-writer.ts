import { formatTime } from "#base"
import type { ApiObject, KindRef } from "#meta"
import type { ControllerContext } from "./controller-context.ts"
import { appliedStatusFields, extractOwned } from "./owned-fields.ts"
import type { Observation } from "./scope.ts"
import { conditionsOf, observedConditions, statusDiffers, statusTraits } from "./status.ts"

export interface ConditionChange {
  readonly kind: KindRef<ApiObject>
  /** As last seen: the conditions that it carries under our name stay unless changed here. */
  readonly object: ApiObject
  readonly set: readonly Observation[]
  readonly remove: readonly string[]
}

/** Applies conditions to somebody else's object under the controller's own field manager. */
export async function applyConditions(
  context: ControllerContext,
  change: ConditionChange,
): Promise<void> {
  const { client, clock } = context.options
  const { kind, object, set, remove } = change
  const { status } = object as { readonly status?: unknown }
  const declared = context.conditionTypes(kind)
  const traits = statusTraits(kind)
  const owned = appliedStatusFields(object, client.fieldManager)
  const mentioned = new Set([...set.map((condition) => condition.type), ...remove])
  const kept = ownConditionTypes(status, owned).filter(
    (type) => declared.includes(type) && !mentioned.has(type),
  )
  const changed = observedConditions(set, {
    current: status,
    generation: object.metadata.generation,
    now: formatTime(clock.now()),
    traits: { ...traits, hasAtomicConditions: false },
    ownTypes: declared,
  })
  const rest = conditionsOf(status).filter((condition) =>
    traits.hasAtomicConditions ? !mentioned.has(condition.type) : kept.includes(condition.type),
  )
  const conditions = [...rest, ...changed]
  const desired = conditions.length === 0 ? {} : { conditions }
  if (!statusDiffers(status, desired, owned)) return
  const { name, namespace, uid, resourceVersion } = object.metadata
  await client.applyStatus<ApiObject & { readonly status?: unknown }>(kind, {
    metadata: {
      name,
      namespace,
      uid,
      ...(traits.hasAtomicConditions ? { resourceVersion } : {}),
    },
    status: desired,
  })
}

/** Conditions whose status is ours; somebody who took a condition over keeps it. */
function ownConditionTypes(
  status: unknown,
  owned: ReturnType<typeof appliedStatusFields>,
): readonly string[] {
  if (!owned) return []
  return conditionsOf(extractOwned(status, owned))
    .filter((condition) => "status" in condition)
    .map((condition) => condition.type)
}
