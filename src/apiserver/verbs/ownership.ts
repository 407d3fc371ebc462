import type { Clock, JsonObject } from "#base"
import {
  ApiError,
  ApplyError,
  applyPatchOrThrow,
  apiVersionOf,
  type ApiObject,
  type KindView,
  type ManagedFieldsEntry,
  resetFieldsOf,
  splitApiVersion,
  trackUpdate,
  type VersionResolver,
} from "#meta"
import { zeroObject } from "#apis"
import type { WriteCall } from "../call.ts"
import { fromStorage, toStorage } from "../conversion.ts"
import type { Resource } from "../resource.ts"

export interface WriteToOwn {
  readonly call: WriteCall
  readonly old: ApiObject | undefined
  readonly next: ApiObject
  /** Worked out by an apply; undefined for every other write. */
  readonly managedFields: readonly ManagedFieldsEntry[] | undefined
}

/** What ownership has to know beyond the object itself. */
export interface OwnershipContext {
  readonly clock: Clock
  readonly resolve: VersionResolver
  /** The resource of a group, version and plural; undefined when it is not served. */
  readonly find: (group: string, version: string, plural: string) => Resource | undefined
}

type ResetFields = ReturnType<typeof resetFieldsOf>

/** The field ownership to store with a write. */
export function ownershipAfterWrite(
  { call, old, next, managedFields }: WriteToOwn,
  context: OwnershipContext,
): readonly ManagedFieldsEntry[] {
  if (managedFields) return managedFields
  const tracked = trackUpdate({
    old: old,
    new: next,
    manager: call.options.manager,
    subresource: call.subresource ?? "",
    nowMs: context.clock.now(),
    ...kindView(call, context),
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

/**
 * Merges an applied configuration. Errors: `Conflict`, `BadRequest`, 500 for what fits no schema.
 */
export function ownershipAfterApply(
  { call, live, config, force }: ApplyToOwn,
  context: OwnershipContext,
): { readonly object: ApiObject; readonly managedFields: readonly ManagedFieldsEntry[] } {
  try {
    const applied = applyPatchOrThrow({
      live: live,
      config: config as unknown as JsonObject,
      manager: call.options.manager,
      subresource: call.subresource ?? "",
      force,
      nowMs: context.clock.now(),
      ...kindView(call, context),
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

/** The kind at the call's version, and the way to versions that other managers wrote in. */
function kindView({ resource }: WriteCall, { resolve, find }: OwnershipContext): KindView {
  const { group, plural, kind, schema, definitions } = resource
  const apiVersion = apiVersionOf(group, resource.version)
  return {
    apiVersion,
    schema,
    definitions,
    ...(resource.custom ? {} : { empty: zeroObject(apiVersion, kind) }),
    convert: (object, wanted) => {
      const other = find(group, splitApiVersion(wanted).version, plural)
      if (!other) return undefined
      const hub = toStorage(resource, object as ApiObject, resolve)
      return {
        object: fromStorage(other, hub, resolve),
        schema: other.schema,
        definitions: other.definitions,
      }
    },
  }
}

/** Fields that the endpoint takes back from every write. */
function resetFields(call: WriteCall): ResetFields {
  return resetFieldsOf({
    subresource: call.subresource ?? "",
    hasStatus: call.resource.subresources.status === true,
  })
}
