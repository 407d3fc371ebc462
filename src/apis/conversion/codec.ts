import { isObject, setOwn } from "#base"
import { apiVersionOf, splitApiVersion } from "#meta"
import { formatDurationSeconds, parseDurationSeconds } from "./duration.ts"
import type { Codec } from "./rule.ts"

const same = (value: unknown): unknown => value

/** A Go duration in the older version, whole seconds in the hub. */
export const duration: Codec = {
  toHub: (value) => (typeof value === "string" ? parseDurationSeconds(value) : undefined),
  fromHub: (value) => (typeof value === "number" ? formatDurationSeconds(value) : undefined),
}

/**
 * A boolean or number that clients of the older version always write: its zero says nothing, so
 * the hub leaves it out.
 */
export const zeroMeansUnset: Codec = {
  toHub: (value) => (value === false || value === 0 ? undefined : value),
  fromHub: same,
}

/**
 * A reference to a provider's object. The hub has no version; the older version gets the one that
 * the kind's CRD serves, and `v1beta1` when there is no such CRD, where no version finds anything.
 */
export const contractReference: Codec = {
  toHub: (value) => {
    if (!isObject(value)) return undefined
    const { apiVersion, kind, name } = value
    const { group } = splitApiVersion(typeof apiVersion === "string" ? apiVersion : "")
    return withoutUndefined({ apiGroup: group === "" ? undefined : group, kind, name })
  },
  fromHub: (value, { resolve, namespace }) => {
    if (!isObject(value)) return undefined
    const { apiGroup, kind, name } = value
    const group = typeof apiGroup === "string" ? apiGroup : ""
    const version = resolve(group, typeof kind === "string" ? kind : "") ?? "v1beta1"
    return withoutUndefined({ apiVersion: apiVersionOf(group, version), kind, namespace, name })
  },
}

/** A reference to a template of a known version. */
export const templateReference: Codec = {
  toHub: (value) => {
    if (!isObject(value)) return undefined
    const { apiVersion, kind, name } = value
    return withoutUndefined({ apiVersion, kind, name })
  },
  fromHub: (value, { namespace }) => {
    if (!isObject(value)) return undefined
    const { apiVersion, kind, name } = value
    return withoutUndefined({ apiVersion, kind, namespace, name })
  },
}

/** A reference to a Node. */
export const nodeReference: Codec = {
  toHub: (value) => (isObject(value) && value["name"] ? { name: value["name"] } : undefined),
  fromHub: (value) =>
    isObject(value) ? { apiVersion: "v1", kind: "Node", name: value["name"] } : undefined,
}

/** Flags: a map in the older version, a list of names and values in the hub. */
export const argumentList: Codec = {
  toHub: (value) => {
    if (!isObject(value)) return undefined
    return Object.keys(value)
      .sort()
      .map((name) => ({ name, value: value[name] }))
  },
  fromHub: (value) => {
    const map: Record<string, unknown> = {}
    for (const item of itemsOf(value)) setOwn(map, String(item["name"]), item["value"] ?? "")
    return map
  },
}

/** Failure domains: a map by name in the older version, a list in the hub. */
export const failureDomainList: Codec = {
  toHub: (value) => {
    if (!isObject(value)) return undefined
    return Object.keys(value)
      .sort()
      .map((name) => ({ name, ...(isObject(value[name]) ? value[name] : {}) }))
  },
  fromHub: (value) => {
    const map: Record<string, unknown> = {}
    for (const { name, ...domain } of itemsOf(value)) setOwn(map, String(name), domain)
    return map
  },
}

function itemsOf(value: unknown): readonly Record<string, unknown>[] {
  return Array.isArray(value) ? value.filter(isObject) : []
}

function withoutUndefined(value: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined))
}
