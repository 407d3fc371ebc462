import { cloneJson, formatTime, isObject } from "#base"
import type { ApiObject } from "#meta"
import type { ControllerContext } from "./controller-context.ts"
import { appliedStatusFields, extractOwned } from "./owned-fields.ts"
import type { Observation } from "./scope.ts"
import { conditionsOf, desiredStatus, statusDiffers, statusTraits } from "./status.ts"

type Fields = Readonly<Record<string, unknown>>

export interface StatusWrite {
  /** The primary as the server has it. */
  readonly object: ApiObject
  /** What `observe` gave. */
  readonly observed: Fields
  readonly ownTypes: readonly string[]
}

/** Applies the whole status under the controller's field manager, when that changes something. */
export async function writeStatus(context: ControllerContext, write: StatusWrite): Promise<void> {
  const { object, observed, ownTypes } = write
  const { client, access, clock } = context.options
  const { status } = object as { readonly status?: unknown }
  const traits = statusTraits(access.primary)
  const desired = cloneJson(
    desiredStatus(observed, {
      current: status,
      generation: object.metadata.generation,
      now: formatTime(clock.now()),
      traits,
      ownTypes,
    }),
  )
  if (!statusDiffers(status, desired, appliedStatusFields(object, client.fieldManager))) return
  const { name, namespace, uid, resourceVersion } = object.metadata
  await client.applyStatus<ApiObject & { readonly status?: unknown }>(access.primary, {
    metadata: {
      name,
      namespace,
      uid,
      ...(traits.hasAtomicConditions ? { resourceVersion } : {}),
    },
    status: desired,
  })
}

/** The status that we wrote last, with one condition changed: for objects that are not worked on. */
export function statusWithCondition(
  context: ControllerContext,
  object: ApiObject,
  observation: Observation,
): Fields {
  const { status } = object as { readonly status?: unknown }
  const owned = appliedStatusFields(object, context.options.client.fieldManager)
  const mine = owned ? extractOwned(status, owned) : {}
  const { observedGeneration: _, ...fields } = isObject(mine) ? mine : {}
  const others = conditionsOf(fields).filter((condition) => condition.type !== observation.type)
  const observations = [...others.map((condition) => asObservation(condition)), observation]
  return { ...fields, conditions: observations }
}

function asObservation({ type, status, reason, message }: Observation): Observation {
  return { type, status, reason, message }
}
