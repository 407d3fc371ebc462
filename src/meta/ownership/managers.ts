import type { ManagedFieldsEntry } from "../object-meta.ts"
import { equalSets, type FieldSet, sortSet, union } from "./field-set.ts"
import { canonicalSet } from "./path-element.ts"

type Operation = "Apply" | "Update"

/** One field manager with what it owns. */
export interface Manager {
  readonly name: string
  readonly operation: Operation
  readonly apiVersion: string
  readonly subresource: string
  /** RFC 3339; undefined for entries that never got one. */
  readonly time: string | undefined
  readonly fields: FieldSet
  /** The entry this was read from; given back as it is while nothing of it changes. */
  readonly entry: ManagedFieldsEntry | undefined
}

/** Managers by `managerId`. */
export type Managers = Map<string, Manager>

/** `metadata.managedFields` that cannot be understood. */
export class ManagedFieldsError extends Error {
  override readonly name = "ManagedFieldsError"
}

export interface ManagerIdentity {
  readonly name: string
  readonly operation: Operation
  readonly apiVersion: string
  readonly subresource: string
}

/**
 * What two entries of one manager have in common. Appliers keep their entry when the version
 * changes.
 */
export function managerId({ name, operation, apiVersion, subresource }: ManagerIdentity): string {
  return JSON.stringify([name, operation, operation === "Apply" ? "" : apiVersion, subresource])
}

/**
 * Reads `metadata.managedFields`; throws `ManagedFieldsError`. Of entries with one identity the
 * last counts.
 */
export function decodeManagers(entries: readonly ManagedFieldsEntry[] | undefined): Managers {
  const managers: Managers = new Map()
  for (const [index, entry] of entries?.entries() ?? []) {
    const manager = decodeEntry(entry, index)
    managers.set(managerId(manager), manager)
  }
  return managers
}

function decodeEntry(entry: ManagedFieldsEntry, index: number): Manager {
  if (typeof entry !== "object" || entry === null) {
    throw new ManagedFieldsError(`managed fields entry ${index} is not an object`)
  }
  const { manager = "", operation, apiVersion, subresource = "", fieldsType } = entry
  const time = entry.time ?? undefined
  if (operation !== "Apply" && operation !== "Update") {
    throw new ManagedFieldsError("operation must be `Apply` or `Update`")
  }
  if (!apiVersion) throw new ManagedFieldsError("apiVersion must not be empty")
  if (!fieldsType) {
    throw new ManagedFieldsError(`missing fieldsType in managed fields entry ${index}`)
  }
  if (fieldsType !== "FieldsV1") {
    throw new ManagedFieldsError(
      `invalid fieldsType ${JSON.stringify(fieldsType)} in managed fields entry ${index}`,
    )
  }
  try {
    const fields = canonicalSet(entry.fieldsV1)
    const kept = fields === (entry.fieldsV1 as unknown) ? entry : undefined
    return { name: manager, operation, apiVersion, subresource, time, fields, entry: kept }
  } catch (cause) {
    throw new ManagedFieldsError(`error decoding managed fields entry ${index}`, { cause })
  }
}

/**
 * Writes managers as `metadata.managedFields`, in upstream's order; undefined for none. Entries
 * that say what they said before are given back as they were, and so is the whole list.
 */
export function encodeManagers(
  managers: Managers,
  before: readonly ManagedFieldsEntry[] | undefined,
): readonly ManagedFieldsEntry[] | undefined {
  if (managers.size === 0) return undefined
  const sorted = [...managers.values()].sort(compareManagers)
  const entries = sorted.map(encodeManager)
  const same = before?.length === entries.length && entries.every((entry, i) => entry === before[i])
  return same ? before : entries
}

function encodeManager(manager: Manager): ManagedFieldsEntry {
  const { name, operation, apiVersion, time, subresource, entry } = manager
  if (
    entry &&
    entry.apiVersion === apiVersion &&
    entry.time === time &&
    equalSets(entry.fieldsV1 as FieldSet, manager.fields)
  ) {
    return entry
  }
  return {
    ...(name === "" ? {} : { manager: name }),
    operation,
    apiVersion,
    ...(time === undefined ? {} : { time }),
    fieldsType: "FieldsV1",
    fieldsV1: sortSet(manager.fields),
    ...(subresource === "" ? {} : { subresource }),
  }
}

function compareManagers(left: Manager, right: Manager): number {
  return (
    compareText(left.operation, right.operation) ||
    secondsOf(left) - secondsOf(right) ||
    compareText(left.name, right.name) ||
    compareText(left.apiVersion, right.apiVersion) ||
    compareText(left.subresource, right.subresource)
  )
}

function secondsOf({ time }: Manager): number {
  const milliseconds = time === undefined ? Number.NaN : Date.parse(time)
  return Number.isNaN(milliseconds) ? 0 : Math.floor(milliseconds / 1000)
}

function compareText(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0
}

const maxUpdateManagers = 10

/**
 * Merges the oldest update managers of each version into one named `ancient-changes` until no more
 * than ten are left.
 */
export function capUpdateManagers(managers: Managers): void {
  const updates = [...managers].filter(([, manager]) => manager.operation === "Update")
  if (updates.length <= maxUpdateManagers) return
  updates.sort(([leftId, left], [rightId, right]) => {
    return secondsOf(left) - secondsOf(right) || compareText(leftId, rightId)
  })
  let count = updates.length
  const firstOfVersion = new Map<string, string>()
  for (const [id, manager] of updates) {
    if (count <= maxUpdateManagers) return
    const first = firstOfVersion.get(manager.apiVersion)
    if (first === undefined) {
      firstOfVersion.set(manager.apiVersion, id)
      continue
    }
    mergeAncient(managers, { first, id, manager })
    count -= 1
  }
}

function mergeAncient(
  managers: Managers,
  { first, id, manager }: { first: string; id: string; manager: Manager },
): void {
  const bucket = {
    name: "ancient-changes",
    operation: "Update",
    apiVersion: manager.apiVersion,
    subresource: "",
  } as const
  const bucketId = managerId(bucket)
  // The bucket may itself be the next oldest; then the oldest goes into it.
  const bucketNext = id === bucketId
  const oldest = bucketNext ? managers.get(first) : (managers.get(bucketId) ?? managers.get(first))
  if (bucketNext || !managers.has(bucketId)) managers.delete(first)
  managers.delete(id)
  managers.set(bucketId, {
    ...bucket,
    time: manager.time,
    fields: oldest ? union(manager.fields, oldest.fields) : manager.fields,
    entry: undefined,
  })
}
