import { isObject } from "#base"
import { PatchError } from "./patch-error.ts"
import { cleanPatch, directive, type Members } from "./strategic-value.ts"

type MergeItem = (before: Members, patch: Members) => Members

/**
 * Merges a patch's list into a list: scalars as sets, objects by the merge key. Items of the patch
 * come in its order, and before items that only the list had unless those stood in front of one
 * that both have.
 */
export function mergeList(
  before: readonly unknown[],
  patch: readonly unknown[],
  mergeKey: string | undefined,
  merge: MergeItem,
): readonly unknown[] {
  if (before.length === 0 && patch.length === 0) return before
  if (checkItems([...before, ...patch]) === "scalars") {
    const merged = [...new Set([...before, ...patch])]
    return arrange(merged, { order: patch, before, mergeKey: undefined })
  }
  if (mergeKey === undefined) {
    throw new PatchError(422, "cannot merge lists without merge key")
  }
  const { kept, changes, replace } = obeyDirectives(
    before as Members[],
    patch as Members[],
    mergeKey,
  )
  if (replace) return changes.map((item) => cleanPatch(item).value)
  const merged = mergeByKey(kept, changes, mergeKey, merge)
  return arrange(merged, { order: changes, before: kept, mergeKey })
}

/** The list without the scalars that `$deleteFromPrimitiveList` names. */
export function deleteScalars(
  before: readonly unknown[],
  gone: readonly unknown[],
): readonly unknown[] {
  if (before.length === 0 && gone.length === 0) return before
  if (checkItems([...before, ...gone]) !== "scalars") {
    throw new PatchError(400, "invalid patch format of primitive list")
  }
  const names = new Set(gone)
  return before.filter((item) => !names.has(item))
}

/** Lists merge only when their items are all objects or all scalars of one type. */
function checkItems(items: readonly unknown[]): "scalars" | "objects" {
  const kinds = new Set<string>()
  for (const item of items) {
    if (Array.isArray(item)) throw new PatchError(422, "lists of lists are not supported")
    kinds.add(item === null ? "null" : typeof item)
  }
  if (kinds.size > 1 || kinds.has("null")) {
    throw new PatchError(422, "list element types are not identical")
  }
  return kinds.has("object") ? "objects" : "scalars"
}

function obeyDirectives(
  before: readonly Members[],
  patch: readonly Members[],
  mergeKey: string,
): { kept: readonly Members[]; changes: readonly Members[]; replace: boolean } {
  const changes: Members[] = []
  const deleted = new Set<string>()
  let replace = false
  for (const item of patch) {
    const instruction = directive(item)
    if (instruction === undefined) changes.push(item)
    else if (instruction === "delete") deleted.add(keyOf(item, mergeKey))
    else if (instruction === "replace") replace = true
    else if (instruction === "merge") {
      throw new PatchError(422, "merging lists cannot yet be specified in the patch")
    } else throw new PatchError(422, `unknown patch type: ${String(instruction)}`)
  }
  const kept = before.filter((item) => {
    const value = Object.hasOwn(item, mergeKey) ? item[mergeKey] : undefined
    return value === undefined || !deleted.has(identity(value))
  })
  return { kept, changes, replace }
}

function mergeByKey(
  before: readonly Members[],
  changes: readonly Members[],
  mergeKey: string,
  merge: MergeItem,
): readonly unknown[] {
  const merged: Members[] = [...before]
  const places = new Map<string, number>()
  for (const [index, item] of merged.entries()) {
    const key = keyOf(item, mergeKey)
    if (!places.has(key)) places.set(key, index)
  }
  for (const change of changes) {
    const key = keyOf(change, mergeKey)
    const place = places.get(key)
    if (place === undefined) {
      places.set(key, merged.length)
      merged.push(cleanPatch(change).value as Members)
    } else merged[place] = merge(merged[place]!, change)
  }
  return merged
}

function keyOf(item: unknown, mergeKey: string): string {
  const value = isObject(item) && Object.hasOwn(item, mergeKey) ? item[mergeKey] : undefined
  if (value === undefined) {
    const shown = JSON.stringify(item)
    throw new PatchError(422, `map: ${shown} does not contain declared merge key: ${mergeKey}`)
  }
  return identity(value)
}

function identity(value: unknown): string {
  return JSON.stringify(value)
}

interface Arrangement {
  /** The items that come in a given order, as scalars or as objects with the merge key. */
  readonly order: readonly unknown[]
  readonly before: readonly unknown[]
  readonly mergeKey: string | undefined
}

/** Puts a merged list in the order that the patch asks for with `$setElementOrder`. */
export function orderList(
  merged: readonly unknown[],
  { changes, ...arrangement }: Arrangement & { readonly changes: readonly unknown[] },
): readonly unknown[] {
  const { order, mergeKey } = arrangement
  if (merged.length === 0) return merged
  checkItems([...arrangement.before, ...changes])
  if (order.length > 0) checkOrder(changes, order, mergeKey)
  return arrange(merged, { ...arrangement, before: orderBefore(arrangement, changes) })
}

/**
 * The order that other items are kept in. As the API server has it, items that the patch adds count
 * as standing at the end of the list already, as many of them as it deletes.
 */
function orderBefore(
  { before, mergeKey }: Arrangement,
  changes: readonly unknown[],
): readonly unknown[] {
  const deletions = changes.filter((item) => isObject(item) && directive(item) === "delete")
  if (mergeKey === undefined || deletions.length === 0) return before
  const deleted = new Set(deletions.map((item) => keyOf(item, mergeKey)))
  const kept = before.filter((item) => !deleted.has(keyOf(item, mergeKey)))
  const known = placesOf(kept, mergeKey)
  const added = changes.filter(
    (item) => isObject(item) && directive(item) === undefined && !known.has(keyOf(item, mergeKey)),
  )
  return [...kept, ...added.slice(0, before.length - kept.length)]
}

/** The items that the patch changes must follow each other as they do in the order it gives. */
function checkOrder(
  changes: readonly unknown[],
  order: readonly unknown[],
  mergeKey: string | undefined,
): void {
  const places = placesOf(order, mergeKey)
  let last = -1
  for (const item of changes) {
    if (isObject(item) && directive(item) !== undefined) continue
    const place = places.get(itemKey(item, mergeKey)) ?? -1
    if (place <= last) {
      throw new PatchError(
        422,
        "The order in patch list doesn't match $setElementOrder list: " +
          `${JSON.stringify(changes)} and ${JSON.stringify(order)}`,
      )
    }
    last = place
  }
}

function itemKey(item: unknown, mergeKey: string | undefined): string {
  return mergeKey === undefined ? identity(item) : keyOf(item, mergeKey)
}

function placesOf(items: readonly unknown[], mergeKey: string | undefined): Map<string, number> {
  const places = new Map<string, number>()
  for (const [index, item] of items.entries()) {
    const key = itemKey(item, mergeKey)
    if (!places.has(key)) places.set(key, index)
  }
  return places
}

/**
 * Items in the given order, and the others in between: each of those stands in front of the first
 * ordered item that it preceded in the list as it was.
 */
function arrange(merged: readonly unknown[], arrangement: Arrangement): readonly unknown[] {
  const { order, before, mergeKey } = arrangement
  const wanted = placesOf(order, mergeKey)
  const known = placesOf(before, mergeKey)
  const keyed = merged.map((item) => ({ item, key: itemKey(item, mergeKey) }))
  const ordered = keyed.filter(({ key }) => wanted.has(key))
  const others = keyed.filter(({ key }) => !wanted.has(key))
  ordered.sort((left, right) => wanted.get(left.key)! - wanted.get(right.key)!)
  const result: unknown[] = []
  let next = 0
  for (const { item, key } of ordered) {
    const place = known.get(key) ?? -1
    while (next < others.length && (known.get(others[next]!.key) ?? place) < place) {
      result.push(others[next]!.item)
      next += 1
    }
    result.push(item)
  }
  for (const { item } of others.slice(next)) result.push(item)
  return result
}
