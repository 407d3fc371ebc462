import { deepEqual, isObject } from "#base"
import type { ApiObject } from "#meta"
import { mapChanges } from "./map-changes.ts"

type Fields = Readonly<Record<string, unknown>>

/** What an owner wants of an object that it made: the rest of it is not looked at. */
export interface WantedFields {
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
  /** Members of `spec`, nested objects member by member; undefined where there shall be nothing. */
  readonly spec?: Fields | undefined
}

/** A merge patch of metadata and spec. */
export interface OwnPatch {
  readonly type: "merge"
  readonly body: { readonly metadata?: Fields | undefined; readonly spec?: Fields | undefined }
}

/**
 * The merge patch that makes an object as its owner wants it; undefined when it is. Labels,
 * annotations and fields that the owner set earlier and wants no more are taken off, those of
 * others stay: managed fields tell them apart. It carries no version, so it never conflicts.
 */
export function patchToOwn(
  object: ApiObject & { readonly spec?: unknown },
  manager: string,
  wanted: WantedFields,
): OwnPatch | undefined {
  const owned = ownedFields(object, manager)
  const metadata = member(owned, "f:metadata")
  const { labels = {}, annotations = {} } = object.metadata
  const body = compact({
    metadata: compact({
      labels: mapChanges(labels, wanted.labels, namesIn(metadata, "f:labels")),
      annotations: mapChanges(annotations, wanted.annotations, namesIn(metadata, "f:annotations")),
    }),
    spec: wanted.spec && fieldChanges(object.spec, wanted.spec, member(owned, "f:spec")),
  })
  return body && { type: "merge", body }
}

function fieldChanges(current: unknown, wanted: Fields, owned: Fields): Fields | undefined {
  const body: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(wanted)) {
    const now = isObject(current) ? current[name] : undefined
    const isOurs = `f:${name}` in owned
    if (isObject(value)) {
      const inner = fieldChanges(now, value, member(owned, `f:${name}`))
      // An object that lost its last member goes with it: schemas want it to have one.
      if (inner) body[name] = isEmptied(now, inner) ? null : inner
    } else if (value === undefined ? isOurs && now !== undefined : !deepEqual(now, value)) {
      body[name] = value ?? null
    }
  }
  return compact(body)
}

function isEmptied(current: unknown, patch: Fields): boolean {
  const names = new Set([...Object.keys(isObject(current) ? current : {}), ...Object.keys(patch)])
  return [...names].every((name) => patch[name] === null)
}

/** What the manager has set with plain writes, as the trie of `fieldsV1`. */
function ownedFields(object: ApiObject, manager: string): Fields {
  const entry = object.metadata.managedFields?.find(
    (candidate) =>
      candidate.manager === manager && candidate.operation === "Update" && !candidate.subresource,
  )
  return entry?.fieldsV1 ?? {}
}

function namesIn(fields: Fields, name: string): readonly string[] {
  return Object.keys(member(fields, name))
    .filter((key) => key.startsWith("f:"))
    .map((key) => key.slice(2))
}

function member(fields: Fields, name: string): Fields {
  const value = fields[name]
  return isObject(value) ? value : {}
}

function compact(fields: Fields): Fields | undefined {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined)
  return entries.length === 0 ? undefined : Object.fromEntries(entries)
}
