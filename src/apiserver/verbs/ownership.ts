import type { Clock, JsonObject } from "#base"
import {
  ApiError,
  ApplyError,
  applyPatchOrThrow,
  apiVersionOf,
  type ApiObject,
  type ManagedFieldsEntry,
  resetFieldsOf,
  trackUpdate,
} from "#meta"
import type { WriteCall } from "../call.ts"

export interface WriteToOwn {
  readonly call: WriteCall
  readonly old: ApiObject | undefined
  readonly next: ApiObject
  /** Worked out by an apply; undefined for every other write. */
  readonly managedFields: readonly ManagedFieldsEntry[] | undefined
}

type ResetFields = ReturnType<typeof resetFieldsOf>

/** The field ownership to store with a write. */
export function ownershipAfterWrite(
  { call, old, next, managedFields }: WriteToOwn,
  clock: Clock,
): readonly ManagedFieldsEntry[] {
  if (managedFields) return managedFields
  const { resource } = call
  const tracked = trackUpdate({
    old: old,
    new: next,
    manager: call.options.manager,
    subresource: call.subresource ?? "",
    nowMs: clock.now(),
    apiVersion: apiVersionOf(resource.group, resource.version),
    schema: resource.schema,
    definitions: resource.definitions,
    resetFields: resetFields(call),
  })
  return tracked ?? []
}

export interface ApplyToOwn {
  readonly call: WriteCall
  readonly live: ApiObject | undefined
  readonly config: ApiObject
  readonly force: boolean
}

/** Merges an applied configuration. Errors: `Conflict`, `BadRequest`, 500 for what fits no schema. */
export function ownershipAfterApply(
  { call, live, config, force }: ApplyToOwn,
  clock: Clock,
): { readonly object: ApiObject; readonly managedFields: readonly ManagedFieldsEntry[] } {
  const { resource } = call
  try {
    const applied = applyPatchOrThrow({
      live: live,
      config: config as unknown as JsonObject,
      manager: call.options.manager,
      subresource: call.subresource ?? "",
      force,
      nowMs: clock.now(),
      apiVersion: apiVersionOf(resource.group, resource.version),
      schema: resource.schema,
      definitions: resource.definitions,
      resetFields: resetFields(call),
    })
    return {
      object: applied.object as unknown as ApiObject,
      managedFields: applied.managedFields ?? [],
    }
  } catch (error) {
    if (error instanceof ApplyError) {
      throw new ApiError(500, "", error.message, { cause: error })
    }
    throw error
  }
}

/** Fields that the endpoint takes back from every write. */
function resetFields(call: WriteCall): ResetFields {
  return resetFieldsOf({
    subresource: call.subresource ?? "",
    hasStatus: call.resource.subresources.status === true,
  })
}
