import { isObject } from "#base"
import {
  ApiError,
  type ApiObject,
  applyJsonPatch,
  applyMergePatch,
  applyStrategicMergePatch,
  badRequest,
  conflict,
  hasReason,
  type PatchOptions,
  type PatchType,
} from "#meta"
import { type FieldError, invalidError, requiredError } from "#schema"
import { callKey, resourceName, type WriteCall } from "../call.ts"
import { decodeApplied, decodeObject } from "../decode-object.ts"
import { forbiddenOption, invalid, invalidOptions } from "../invalid.ts"
import { unreadablePatch } from "../unreadable.ts"
import { type OwnershipContext, ownershipAfterApply } from "./ownership.ts"
import { patchError } from "./patch-error.ts"
import type { Writer, Written } from "./writer.ts"

export interface Patch {
  readonly type: PatchType
  readonly body: unknown
}

export interface PatcherOptions {
  readonly writer: Writer
  readonly ownership: OwnershipContext
}

const applyAttemptsMax = 8

/** Applies the four patch formats to stored objects. */
export class Patcher {
  readonly #options: PatcherOptions

  constructor(options: PatcherOptions) {
    this.#options = options
  }

  /** Errors: `NotFound`, `Conflict`, `Invalid`, `BadRequest`, `UnsupportedMediaType`. */
  async patch(call: WriteCall, patch: Patch, options: PatchOptions): Promise<Written> {
    if (patch.type === "apply") return await this.#apply(call, patch.body, options)
    if (options.force !== undefined) {
      throw forbiddenOption("PatchOptions", "force", "may not be specified for non-apply patch")
    }
    return await this.#options.writer.edit(call, {
      next: (current) => this.#patched(call, current, patch),
      retries: !namesRevision(patch),
      unreadable: unreadablePatch(patch.body),
    })
  }

  #patched(call: WriteCall, current: ApiObject, patch: Patch): ApiObject {
    const patched = patchedValue(call, current, patch)
    if (!isObject(patched)) throw badRequest("the patch does not leave an object")
    refuseOtherIdentity(call, patched, current)
    return decodeObject(call, patched, unreadablePatch(patch.body))
  }

  async #apply(call: WriteCall, body: unknown, options: PatchOptions): Promise<Written> {
    if (!options.fieldManager) {
      const error = requiredError("fieldManager", "is required for apply patch")
      throw invalidOptions("PatchOptions", error)
    }
    const config = applyConfiguration(call, body)
    const mayCreate = call.subresource === undefined
    for (let attempt = 1; ; attempt += 1) {
      const exists = call.resource.table.get(callKey(call, call.name ?? "")) !== undefined
      try {
        return exists || !mayCreate
          ? await this.#applyToLive(call, config, options)
          : await this.#applyNew(call, config, options)
      } catch (error) {
        // Somebody else made or removed the object meanwhile.
        const isRaced = mayCreate && hasReason(error, exists ? "NotFound" : "AlreadyExists")
        if (!isRaced || attempt === applyAttemptsMax) throw error
      }
    }
  }

  async #applyToLive(call: WriteCall, config: ApiObject, options: PatchOptions): Promise<Written> {
    let managedFields: ReturnType<typeof ownershipAfterApply>["managedFields"] = []
    return await this.#options.writer.edit(call, {
      next: (current) => {
        const errors = otherUid(config.metadata.uid, current)
        if (errors.length > 0) throw invalid(call.resource, current.metadata.name, errors)
        const applied = ownershipAfterApply(
          { call, live: current, config, force: options.force === true },
          this.#options.ownership,
        )
        managedFields = applied.managedFields
        return withRevisionOf(applied.object, config)
      },
      managedFields: () => managedFields,
      retries: config.metadata.resourceVersion === undefined,
    })
  }

  /**
   * An apply that carries a UID speaks of an object that must exist. Its resource version says
   * nothing then: it is that of an object which is gone.
   */
  async #applyNew(call: WriteCall, config: ApiObject, options: PatchOptions): Promise<Written> {
    if (config.metadata.uid) {
      throw conflict(
        resourceName(call.resource),
        call.name ?? "",
        `uid mismatch: the provided object specified uid ${config.metadata.uid}, and no existing object was found`,
      )
    }
    const { resourceVersion: _gone, ...metadata } = config.metadata
    const applied = ownershipAfterApply(
      { call, live: undefined, config: { ...config, metadata }, force: options.force === true },
      this.#options.ownership,
    )
    return await this.#options.writer.create(call, applied.object, applied.managedFields)
  }
}

/** A patch changes an object, not what it is. Errors: `Invalid`, `BadRequest`. */
function refuseOtherIdentity(
  call: WriteCall,
  patched: Record<string, unknown>,
  current: ApiObject,
): void {
  const { kind, apiVersion } = patched
  const metadata = isObject(patched["metadata"]) ? patched["metadata"] : {}
  const { uid, name } = metadata
  const errors = [
    ...(kind === current.kind ? [] : [invalidError("kind", kind ?? "", `must be ${current.kind}`)]),
    ...(apiVersion === current.apiVersion
      ? []
      : [invalidError("apiVersion", apiVersion ?? "", `must be ${current.apiVersion}`)]),
    ...otherUid(uid, current),
  ]
  if (errors.length > 0) throw invalid(call.resource, current.metadata.name, errors)
  if (!name) {
    throw badRequest(
      `the name of the object (${current.metadata.name} based on URL) was undeterminable: name must be provided`,
    )
  }
}

function otherUid(uid: unknown, current: ApiObject): readonly FieldError[] {
  if (!uid || uid === current.metadata.uid) return []
  return [invalidError("metadata.uid", uid, "field is immutable")]
}

function patchedValue(call: WriteCall, current: ApiObject, patch: Patch): unknown {
  const { resource } = call
  try {
    switch (patch.type) {
      case "json":
        return applyJsonPatch(current, patch.body)
      case "merge":
        return applyMergePatch(current, patch.body)
      case "strategic":
        if (resource.custom) {
          throw new ApiError(
            415,
            "UnsupportedMediaType",
            "the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml",
          )
        }
        return applyStrategicMergePatch(current, patch.body, resource.schema, resource.definitions)
      case "apply":
        throw badRequest("apply is not a patch of a value")
    }
  } catch (error) {
    throw patchError(error)
  }
}

/** The body of an apply: an object of this kind, without ownership of its own. */
function applyConfiguration(call: WriteCall, body: unknown): ApiObject {
  if (!isObject(body)) throw badRequest("the object provided is not a JSON object")
  if (body["kind"] === undefined) {
    throw badRequest("invalid object type: Object 'Kind' is missing")
  }
  const metadata = body["metadata"]
  if (isObject(metadata) && Array.isArray(metadata["managedFields"])) {
    if (metadata["managedFields"].length > 0) {
      throw badRequest("metadata.managedFields must be nil")
    }
  }
  return decodeApplied(call, body)
}

function withRevisionOf(object: ApiObject, config: ApiObject): ApiObject {
  const { resourceVersion } = config.metadata
  return {
    ...object,
    metadata: {
      ...object.metadata,
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
    },
  }
}

/** A patch that names a resource version asks for a conflict, not for another try. */
function namesRevision(patch: Patch): boolean {
  const { body } = patch
  if (Array.isArray(body)) {
    return body.some(
      (operation) => isObject(operation) && operation["path"] === "/metadata/resourceVersion",
    )
  }
  return (
    isObject(body) && isObject(body["metadata"]) && Boolean(body["metadata"]["resourceVersion"])
  )
}
