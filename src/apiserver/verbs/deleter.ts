import { type Clock, deepEqual, formatTime } from "#base"
import {
  type AdmissionReader,
  type ApiObject,
  conflict,
  type DeleteOptions,
  notFound,
  type ObjectMeta,
  type Status,
  type VersionResolver,
} from "#meta"
import { RevisionConflictError } from "#store"
import { callKey, resourceName, type WriteCall } from "../call.ts"
import { fromStorage } from "../conversion.ts"
import type { Hub } from "../hub/hub.ts"
import type { Record } from "../hub/record.ts"
import { invalid } from "../invalid.ts"
import type { Resource } from "../resource.ts"
import type { Writer } from "./writer.ts"

export interface DeleterOptions {
  readonly hub: Hub
  readonly clock: Clock
  readonly resolve: VersionResolver
  readonly reader: AdmissionReader
  readonly writer: Writer
}

/** What a delete answers: a Status when the object is gone, the object while something holds it. */
export type Deleted =
  | { readonly kind: "gone"; readonly status: Status; readonly object: ApiObject }
  | { readonly kind: "held"; readonly object: ApiObject }

const attemptsMax = 6
const foregroundFinalizer = "foregroundDeletion"
const orphanFinalizer = "orphan"

/** Removes objects, or marks them and waits for their finalizers. */
export class Deleter {
  readonly #options: DeleterOptions

  constructor(options: DeleterOptions) {
    this.#options = options
  }

  /** Errors: `NotFound`, `Conflict` (preconditions), `Forbidden`, `Invalid`, and the store's. */
  async delete(call: WriteCall, options: DeleteOptions): Promise<Deleted> {
    const name = call.name ?? ""
    for (let attempt = 1; ; attempt += 1) {
      const record = call.resource.table.get(callKey(call, name))
      if (!record) throw notFound(resourceName(call.resource), name)
      try {
        return await this.#deleteOnce(call, record, options)
      } catch (error) {
        if (!(error instanceof RevisionConflictError)) throw error
        if (!error.current) throw notFound(resourceName(call.resource), name)
        if (attempt === attemptsMax) throw conflict(resourceName(call.resource), name)
        await this.#options.hub.waitFor(error.current.revision)
      }
    }
  }

  async #deleteOnce(call: WriteCall, record: Record, options: DeleteOptions): Promise<Deleted> {
    const { resource } = call
    const stored = record.object
    const visible = fromStorage(resource, stored, this.#options.resolve)
    checkPreconditions(call, stored.metadata, options)
    resource.strategy.checkDelete?.(stored)
    this.#checkRules(call, stored)
    const marked = this.#mark(resource, stored, options)
    const held = (marked.metadata.finalizers?.length ?? 0) > 0 || resource.strategy.isHeld?.(marked)
    if (!held) {
      if (!options.dryRun) await this.#options.writer.remove(record)
      return { kind: "gone", status: goneStatus(call, stored), object: visible }
    }
    if (marked === stored) return { kind: "held", object: visible }
    if (options.dryRun) {
      return { kind: "held", object: fromStorage(resource, marked, this.#options.resolve) }
    }
    const written = await this.#put(record, marked)
    return { kind: "held", object: fromStorage(resource, written, this.#options.resolve) }
  }

  async #put(record: Record, object: ApiObject): Promise<ApiObject> {
    const revision = await this.#options.writer.replace(record, object)
    return {
      ...object,
      metadata: { ...object.metadata, resourceVersion: String(revision) },
    }
  }

  #checkRules(call: WriteCall, object: ApiObject): void {
    const errors = call.resource.rules.flatMap(
      (rules) =>
        rules.validate?.({
          operation: "DELETE",
          object,
          old: object,
          user: call.user,
          dryRun: call.options.dryRun === true,
          reader: this.#options.reader,
        }).errors ?? [],
    )
    if (errors.length > 0) throw invalid(call.resource, object.metadata.name, errors)
  }

  /**
   * The object as a delete leaves it; the same object when an earlier delete left nothing to do.
   */
  #mark(resource: Resource, object: ApiObject, options: DeleteOptions): ApiObject {
    const { metadata } = object
    const finalizers = finalizersAfter(metadata, options)
    if (metadata.deletionTimestamp && deepEqual(finalizers, metadata.finalizers ?? [])) {
      return object
    }
    const now = formatTime(this.#options.clock.now())
    const { finalizers: _old, ...rest } = metadata
    const marked: ApiObject = {
      ...object,
      metadata: {
        ...rest,
        ...(finalizers.length === 0 ? {} : { finalizers }),
        deletionTimestamp: metadata.deletionTimestamp ?? now,
        deletionGracePeriodSeconds: 0,
        ...(metadata.generation && !metadata.deletionTimestamp
          ? { generation: metadata.generation + 1 }
          : {}),
      },
    }
    if (metadata.deletionTimestamp) return marked
    return resource.strategy.markDeleted?.(marked, now) ?? marked
  }
}

function checkPreconditions(call: WriteCall, metadata: ObjectMeta, options: DeleteOptions): void {
  const { uid, resourceVersion } = options.preconditions ?? {}
  const subject = { group: call.resource.group, plural: call.resource.kind }
  if (uid !== undefined && uid !== metadata.uid) {
    const problem = `the UID in the precondition (${uid}) does not match the UID in record (${metadata.uid}). The object might have been deleted and then recreated`
    throw conflict(subject, metadata.name, problem)
  }
  if (resourceVersion !== undefined && resourceVersion !== metadata.resourceVersion) {
    const problem = `the ResourceVersion in the precondition (${resourceVersion}) does not match the ResourceVersion in record (${metadata.resourceVersion}). The object might have been modified`
    throw conflict(subject, metadata.name, problem)
  }
}

/** The propagation policy is remembered as a finalizer that the garbage collector takes off. */
function finalizersAfter(metadata: ObjectMeta, options: DeleteOptions): readonly string[] {
  const current = metadata.finalizers ?? []
  if (options.propagationPolicy === undefined) return current
  const others = current.filter(
    (finalizer) => finalizer !== foregroundFinalizer && finalizer !== orphanFinalizer,
  )
  switch (options.propagationPolicy) {
    case "Background":
      return others
    case "Foreground":
      return [...others, foregroundFinalizer]
    case "Orphan":
      return [...others, orphanFinalizer]
  }
}

function goneStatus(call: WriteCall, object: ApiObject): Status {
  const { resource } = call
  return {
    kind: "Status",
    apiVersion: "v1",
    metadata: {},
    status: "Success",
    details: {
      name: object.metadata.name,
      ...(resource.group === "" ? {} : { group: resource.group }),
      kind: resource.plural,
      uid: object.metadata.uid,
    },
    code: 200,
  }
}
