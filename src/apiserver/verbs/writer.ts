import { type Clock, deepEqual } from "#base"
import {
  type AdmissionReader,
  alreadyExists,
  ApiError,
  type ApiObject,
  badRequest,
  conflict,
  forbidden,
  type ManagedFieldsEntry,
  notFound,
  type VersionResolver,
} from "#meta"
import { RevisionConflictError, type Store, StoreFullError } from "#store"
import { type WriteCall, callKey, resourceName } from "../call.ts"
import { fromStorage, toStorage } from "../conversion.ts"
import type { Hub } from "../hub/hub.ts"
import { encodeStored, keyFor, prefixFor, Record } from "../hub/record.ts"
import { carriedMetadata, newMetadata } from "../metadata.ts"
import type { Unreadable } from "../unreadable.ts"
import { admit } from "./admit.ts"
import { entersGeneration } from "./generation.ts"
import { type OwnershipContext, ownershipAfterWrite } from "./ownership.ts"

export interface WriterOptions {
  readonly store: Store
  readonly hub: Hub
  readonly clock: Clock
  readonly resolve: VersionResolver
  readonly reader: AdmissionReader
  readonly find: OwnershipContext["find"]
}

/** What a write left behind. A dry run leaves an object that no record stands behind. */
export interface Written {
  readonly code: 200 | 201
  readonly object: ApiObject
  readonly record: Record | undefined
}

/** Makes the next object out of the current one, in the version of the call's resource. */
export interface Edit {
  readonly next: (current: ApiObject) => ApiObject
  /** Ownership that the edit has worked out itself (server-side apply). */
  readonly managedFields?: (() => readonly ManagedFieldsEntry[]) | undefined
  /** A race with another writer is tried again on the newer object. */
  readonly retries: boolean
  /** How to refuse values of a wrong type. */
  readonly unreadable?: Unreadable | undefined
}

/** Everybody who races for one object gets a turn: each try that fails is one that succeeded. */
const editAttemptsMax = 100
const namingAttemptsMax = 8

/** Takes decoded objects through mutation, admission and validation to the store. */
export class Writer {
  readonly #options: WriterOptions

  constructor(options: WriterOptions) {
    this.#options = options
  }

  /** Errors: `AlreadyExists`, `NotFound` (namespace), `Forbidden`, `Invalid`, and the store's. */
  async create(
    call: WriteCall,
    object: ApiObject,
    managedFields?: readonly ManagedFieldsEntry[],
  ): Promise<Written> {
    if (object.metadata.resourceVersion) {
      throw new ApiError(500, "", "resourceVersion should not be set on objects to be created")
    }
    if (call.resource.isTerminating) {
      const problem = "create not allowed while custom resource definition is terminating"
      throw new ApiError(405, "MethodNotAllowed", problem, { details: {} })
    }
    if (call.resource.namespaced && !call.namespace) {
      throw badRequest(`create ${call.resource.kind}: a namespace is needed`)
    }
    this.#checkNamespace(call, object.metadata.name)
    const isNamed = Boolean(object.metadata.name)
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#createOnce(call, object, managedFields)
      } catch (error) {
        const collided = error instanceof ApiError && error.reason === "AlreadyExists"
        if (isNamed || !collided || attempt === namingAttemptsMax) throw error
      }
    }
  }

  /** Errors: `NotFound`, `Conflict`, `Invalid`, `Forbidden`, and the store's. */
  async edit(call: WriteCall, edit: Edit): Promise<Written> {
    const name = call.name ?? ""
    for (let attempt = 1; ; attempt += 1) {
      const record = call.resource.table.get(callKey(call, name))
      if (!record) throw notFound(resourceName(call.resource), name)
      try {
        return await this.#editOnce(call, record, edit)
      } catch (error) {
        if (!(error instanceof RevisionConflictError)) throw error
        if (!edit.retries || attempt === editAttemptsMax) {
          throw conflict(resourceName(call.resource), name)
        }
        await this.#options.hub.waitFor(error.current?.revision ?? record.revision)
      }
    }
  }

  async #createOnce(
    call: WriteCall,
    object: ApiObject,
    managedFields: readonly ManagedFieldsEntry[] | undefined,
  ): Promise<Written> {
    const { resource } = call
    const metadata = newMetadata(
      object.metadata,
      call.namespace,
      resource.strategy,
      this.#options.clock,
    )
    const bare = { ...object, metadata }
    const isStatusApart = resource.subresources.status && !resource.strategy.statusAtBirth
    const fresh = isStatusApart ? withoutStatus(bare) : bare
    const { request, stored } = admit(this.#admission(call), { object: fresh, old: undefined })
    const owned = ownershipAfterWrite(
      { call, old: undefined, next: request, managedFields },
      this.#options,
    )
    const final = withManagedFields(stored, owned)
    const key = keyFor(resource.table.prefix, call.namespace, metadata.name)
    if (call.options.dryRun) {
      if (resource.table.get(key)) throw taken(call, key, metadata.name)
      return { code: 201, object: withManagedFields(request, owned), record: undefined }
    }
    try {
      return { code: 201, ...(await this.#put(call, key, final, 0)) }
    } catch (error) {
      if (!(error instanceof RevisionConflictError)) throw error
      await this.#options.hub.waitFor(error.current?.revision ?? 0)
      throw taken(call, key, metadata.name)
    }
  }

  async #editOnce(call: WriteCall, record: Record, edit: Edit): Promise<Written> {
    const { resource } = call
    const current = fromStorage(resource, record.object, this.#options.resolve)
    const proposed = edit.next(current)
    this.#checkPreconditions(call, proposed, current)
    const carried = carry(call, proposed, current)
    const admission = { ...this.#admission(call), unreadable: edit.unreadable }
    const { request, stored } = admit(admission, { object: carried, old: current })
    const moved = entersGeneration(resource, request, current)
    const owned = ownershipAfterWrite(
      {
        call,
        old: current,
        next: request,
        managedFields: edit.managedFields?.(),
      },
      this.#options,
    )
    const generation = (current.metadata.generation ?? 0) + 1
    const finish = (object: ApiObject): ApiObject =>
      withManagedFields(
        moved ? { ...object, metadata: { ...object.metadata, generation } } : object,
        owned,
      )
    const final = finish(stored)
    if (deepEqual(final, record.object)) return { code: 200, object: current, record }
    if (call.options.dryRun) return { code: 200, object: finish(request), record: undefined }
    if (isFinished(call, final)) {
      await this.remove(record)
      return { code: 200, object: finish(request), record: undefined }
    }
    return { code: 200, ...(await this.#put(call, record.key, final, record.revision)) }
  }

  /** Removes a stored object for good. Errors: `RevisionConflictError` when it moved on. */
  async remove(record: Record): Promise<void> {
    const revision = await storeErrors(this.#options.store.delete(record.key, record.revision))
    await this.#options.hub.waitFor(revision)
  }

  /** Stores an object in place of a record. Errors: `RevisionConflictError` when it moved on. */
  async replace(record: Record, object: ApiObject): Promise<number> {
    const { store, hub } = this.#options
    const revision = await storeErrors(store.put(record.key, encodeStored(object), record.revision))
    await hub.waitFor(revision)
    return revision
  }

  async #put(
    call: WriteCall,
    key: string,
    object: ApiObject,
    expected: number,
  ): Promise<{ object: ApiObject; record: Record }> {
    const value = encodeStored(object)
    const revision = await storeErrors(this.#options.store.put(key, value, expected))
    await this.#options.hub.waitFor(revision)
    const held = call.resource.table.get(key)
    const record = held?.revision === revision ? held : new Record(key, value, revision)
    return { object: fromStorage(call.resource, record.object, this.#options.resolve), record }
  }

  #admission(call: WriteCall): Parameters<typeof admit>[0] {
    const { clock, resolve, reader } = this.#options
    return {
      call,
      clock,
      resolve,
      reader,
      toStorage: (object) => toStorage(call.resource, object, resolve),
    }
  }

  /** Objects are born only in namespaces that exist and stay. */
  #checkNamespace(call: WriteCall, name: string | undefined): void {
    const { namespace, resource } = call
    if (!resource.namespaced || namespace === undefined) return
    const namespaces = this.#options.hub.table(prefixFor("", "namespaces"))
    const home = namespaces.get(keyFor(namespaces.prefix, undefined, namespace))
    if (!home) throw notFound({ group: "", plural: "namespaces" }, namespace)
    if (!home.object.metadata.deletionTimestamp) return
    const problem = `unable to create new content in namespace ${namespace} because it is being terminated`
    const refused = forbidden(resourceName(resource), name ?? "", problem)
    throw new ApiError(refused.code, "Forbidden", refused.message, {
      details: {
        ...refused.details,
        causes: [
          {
            reason: "NamespaceTerminating",
            message: `namespace ${namespace} is being terminated`,
            field: "metadata.namespace",
          },
        ],
      },
    })
  }

  #checkPreconditions(call: WriteCall, next: ApiObject, current: ApiObject): void {
    const { resource } = call
    const { uid, resourceVersion, name } = { ...next.metadata, name: current.metadata.name }
    if (uid && uid !== current.metadata.uid) {
      const problem = `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${current.metadata.uid}`
      throw conflict(resourceName(resource), name, problem)
    }
    if (resourceVersion && resourceVersion !== current.metadata.resourceVersion) {
      throw conflict(resourceName(resource), name)
    }
  }
}

/** A name that is not free; perhaps soon, if its holder is on the way out. */
function taken({ resource }: WriteCall, key: string, name: string): ApiError {
  const refused = alreadyExists(resourceName(resource), name)
  if (!resource.table.get(key)?.object.metadata.deletionTimestamp) return refused
  return new ApiError(409, "AlreadyExists", `object is being deleted: ${refused.message}`, {
    details: refused.details,
  })
}

function withoutStatus(object: ApiObject): ApiObject {
  const { status: _status, ...rest } = object as ApiObject & { readonly status?: unknown }
  return rest
}

function withManagedFields(
  object: ApiObject,
  managedFields: readonly ManagedFieldsEntry[],
): ApiObject {
  const { managedFields: _old, ...metadata } = object.metadata
  return {
    ...object,
    metadata: managedFields.length === 0 ? metadata : { ...metadata, managedFields },
  }
}

/** Joins what the call may change with what it may not. */
function carry(call: WriteCall, next: ApiObject, current: ApiObject): ApiObject {
  const { status: oldStatus, ...oldRest } = current as ApiObject & { readonly status?: unknown }
  const { status: newStatus, ...newRest } = next as ApiObject & { readonly status?: unknown }
  if (call.subresource === "status") {
    return { ...oldRest, ...(newStatus === undefined ? {} : { status: newStatus }) }
  }
  const keepsStatus = call.resource.subresources.status === true
  const status = keepsStatus ? oldStatus : newStatus
  return {
    ...newRest,
    metadata: carriedMetadata(next.metadata, current.metadata),
    ...(status === undefined ? {} : { status }),
  }
}

/** A deleting object whose last finalizer has gone is gone. */
function isFinished(call: WriteCall, object: ApiObject): boolean {
  const { deletionTimestamp, finalizers, deletionGracePeriodSeconds } = object.metadata
  if (!deletionTimestamp || (finalizers?.length ?? 0) > 0) return false
  if ((deletionGracePeriodSeconds ?? 0) > 0) return false
  return !(call.resource.strategy.isHeld?.(object) ?? false)
}

/** A full disk is an answer that clients understand; conflicts stay what they are. */
async function storeErrors<T>(operation: Promise<T>): Promise<T> {
  try {
    return await operation
  } catch (error) {
    if (error instanceof RevisionConflictError) throw error
    if (error instanceof StoreFullError) {
      throw new ApiError(507, "InternalError", `the store is full: ${error.message}`, {
        cause: error,
      })
    }
    throw new ApiError(500, "InternalError", `the store failed: ${(error as Error).message}`, {
      cause: error,
    })
  }
}
