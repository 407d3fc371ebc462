import { cloneJson, formatTime, isObject } from "#base"
import type { ApiObject } from "#meta"
import type { ControllerContext } from "./controller-context.ts"
import { appliedStatusFields, extractOwned } from "./owned-fields.ts"
import type { Observation } from "./scope.ts"
import {
  conditionsOf,
  desiredStatus,
  observedConditions,
  statusDiffers,
  type StatusInput,
  statusTraits,
} from "./status.ts"

type Fields = Readonly<Record<string, unknown>>
type WithStatus = ApiObject & { readonly status?: unknown }

/** The whole status that `observe` gave, ready to be applied. */
export function observedStatus(
  context: ControllerContext,
  object: ApiObject,
  observed: Fields,
  ownTypes: readonly string[],
): Fields {
  return cloneJson(desiredStatus(observed, inputOf(context, object, ownTypes)))
}

/** The status that we applied last, with one condition set: for objects that are not worked on. */
export function statusWithCondition(
  context: ControllerContext,
  object: ApiObject,
  observation: Observation,
): Fields {
  const { status } = object as WithStatus
  const { type } = observation
  const owned = appliedStatusFields(object, context.options.client.fieldManager)
  const mine = owned ? extractOwned(status, owned) : {}
  const input = inputOf(context, object, [type])
  const next = observedConditions([observation], input)
  const kept = conditionsOf(mine).filter(
    (condition) => !next.some((candidate) => candidate.type === condition.type),
  )
  return cloneJson({ ...(isObject(mine) ? mine : {}), conditions: [...kept, ...next] })
}

/** Applies the status under the controller's field manager, when that changes something. */
export async function writeStatus(
  context: ControllerContext,
  object: ApiObject,
  desired: Fields,
): Promise<void> {
  const { client, access } = context.options
  const { status } = object as WithStatus
  if (!statusDiffers(status, desired, appliedStatusFields(object, client.fieldManager))) return
  const { name, namespace, uid, resourceVersion } = object.metadata
  const { hasAtomicConditions } = statusTraits(access.primary)
  await client.applyStatus<WithStatus>(access.primary, {
    metadata: { name, namespace, uid, ...(hasAtomicConditions ? { resourceVersion } : {}) },
    status: desired,
  })
}

function inputOf(
  context: ControllerContext,
  object: ApiObject,
  ownTypes: readonly string[],
): StatusInput {
  const { access, clock } = context.options
  return {
    current: (object as WithStatus).status,
    generation: object.metadata.generation,
    now: formatTime(clock.now()),
    traits: statusTraits(access.primary),
    ownTypes,
  }
}
