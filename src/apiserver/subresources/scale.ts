import { scaleColumns } from "#apis"
import { isObject } from "#base"
import {
  ApiError,
  type ApiObject,
  apiVersionOf,
  applyJsonPatch,
  applyMergePatch,
  badRequest,
  formatSelector,
  selectorOf,
} from "#meta"
import { compileJsonPath, invalidError } from "#schema"
import type { Call, WriteCall } from "../call.ts"
import { invalid } from "../invalid.ts"
import type { Verbs } from "../verbs/verbs.ts"
import type { SubresourceHandler } from "./handler.ts"

interface Scale extends ApiObject {
  readonly spec: { readonly replicas?: number | undefined }
  readonly status: { readonly replicas: number; readonly selector?: string | undefined }
}

const scaleApiVersion = "autoscaling/v1"

/** `autoscaling/v1` Scale over the paths that a kind declares. */
export function scaleHandler(verbs: Verbs): SubresourceHandler {
  const read = (call: Call): Scale => {
    const record = verbs.get(call)
    return scaleOf(call, verbs.show(call.resource, record))
  }
  const write = async (call: WriteCall, scale: unknown): Promise<ApiObject> => {
    const replicas = replicasOf(call, scale)
    const resourceVersion = revisionOf(scale)
    const written = await verbs.edit(call, (current) => ({
      ...withReplicas(call, current, replicas),
      metadata: { ...current.metadata, ...(resourceVersion ? { resourceVersion } : {}) },
    }))
    return scaleOf(call, written.object)
  }
  return {
    columns: scaleColumns,
    get: async (call) => read(call),
    update: write,
    patch: async (call, patch, options) => {
      if (patch.type === "apply") {
        const body = appliedParent(call, patch.body)
        return scaleOf(call, (await verbs.patch(call, { type: "apply", body }, options)).object)
      }
      const current = read(call)
      const { resourceVersion: _revision, ...metadata } = current.metadata
      const bare = { ...current, metadata }
      const patchWith = patch.type === "json" ? applyJsonPatch : applyMergePatch
      return await write(call, patchWith(bare, patch.body))
    },
  }
}

/**
 * An applied Scale is its parent, applied with nothing but the number of replicas. One that says
 * nothing of replicas leaves them as they are, unless they were its manager's own.
 */
function appliedParent(call: Call, scale: unknown): unknown {
  const { apiVersion, kind, metadata, spec } = isObject(scale) ? scale : {}
  if (apiVersion !== scaleApiVersion || kind !== "Scale") {
    throw badRequest(`the object to apply is not a Scale of ${scaleApiVersion}`)
  }
  const { group, version, kind: parentKind } = call.resource
  const parent = { apiVersion: apiVersionOf(group, version), kind: parentKind, metadata }
  const saysReplicas = isObject(spec) && spec["replicas"] !== undefined
  return saysReplicas ? withReplicas(call, parent, replicasOf(call, scale)) : parent
}

function scaleOf(call: Call, object: ApiObject): Scale {
  const paths = call.resource.subresources.scale
  if (!paths)
    throw new ApiError(404, "NotFound", "the server could not find the requested resource")
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata
  const replicas = numberAt(object, paths.specReplicasPath)
  const selector = selectorOfScale(object, paths.labelSelectorPath)
  return {
    kind: "Scale",
    apiVersion: scaleApiVersion,
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    spec: replicas === undefined ? {} : { replicas },
    status: {
      replicas: numberAt(object, paths.statusReplicasPath) ?? 0,
      ...(selector ? { selector } : {}),
    },
  }
}

function numberAt(object: ApiObject, path: string): number | undefined {
  const [value] = compileJsonPath(path).find(object)
  return typeof value === "number" ? value : undefined
}

/**
 * The selector of a scale is a text. Custom kinds write it themselves; Kubernetes' own have a label
 * selector, or (ReplicationControllers) the labels alone.
 */
function selectorOfScale(object: ApiObject, path: string | undefined): string | undefined {
  if (!path) return undefined
  const [value] = compileJsonPath(path).find(object)
  if (typeof value === "string") return value
  if (!isObject(value)) return undefined
  const isPlain = Object.values(value).every((label) => typeof label === "string")
  const selector = selectorOf(isPlain ? { matchLabels: value } : value)
  return selector && formatSelector(selector)
}

function replicasOf({ resource, name }: Call, scale: unknown): number {
  const spec = isObject(scale) ? scale["spec"] : undefined
  const replicas = isObject(spec) ? (spec["replicas"] ?? 0) : undefined
  if (typeof replicas !== "number" || !Number.isInteger(replicas)) {
    throw badRequest("spec.replicas must be an integer")
  }
  if (replicas >= 0) return replicas
  if (!resource.custom) {
    const error = invalidError("spec.replicas", replicas, "must be greater than or equal to 0")
    throw invalid({ group: "autoscaling", kind: "Scale" }, name, [error])
  }
  const path = resource.subresources.scale?.specReplicasPath ?? ""
  throw invalid(resource, name, [invalidError(path, replicas, "should be a non-negative integer")])
}

function revisionOf(scale: unknown): string | undefined {
  const metadata = isObject(scale) ? scale["metadata"] : undefined
  const revision = isObject(metadata) ? metadata["resourceVersion"] : undefined
  return typeof revision === "string" && revision !== "" ? revision : undefined
}

/** Scale paths are plain member names under `.spec`, as CRD validation demands. */
function withReplicas<T extends object>(call: Call, object: T, replicas: number): T {
  const path = (call.resource.subresources.scale?.specReplicasPath ?? "").split(".").slice(1)
  const set = (value: unknown, [head, ...rest]: readonly string[]): unknown => {
    if (head === undefined) return replicas
    const container = isObject(value) ? value : {}
    return { ...container, [head]: set(container[head], rest) }
  }
  return set(object, path) as T
}
