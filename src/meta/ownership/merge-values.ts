import { setOwn } from "#base"
import { FieldTypeError } from "./field-type-error.ts"
import { deducedType, type ListShape, type MapShape, type MergeType } from "./merge-type.ts"
import {
  isEmptyMap,
  isList,
  isMap,
  ListItemError,
  listItemElement,
  memberOf,
  shapeFor,
} from "./typed-value.ts"

/**
 * Lays `config` over `live`: what config says wins, what it does not mention stays. Lists with
 * keys merge item by item in config's order, with live's other items where they were. Neither
 * argument is changed and unchanged parts are shared; the result is `live` itself when config adds
 * nothing. Throws `FieldTypeError` for list items without a key and for keys that config repeats.
 */
export function mergeValues(type: MergeType, live: unknown, config: unknown): unknown {
  if (config === undefined || live === config) return live
  if (live === undefined) return config
  const shape = shapeFor(type, config)
  if (shape === "map") return mergeMaps(type.map!, live, config)
  if (shape === "list") return mergeLists(type.list!, live, config)
  return config
}

function mergeMaps(shape: MapShape, live: unknown, config: unknown): unknown {
  const base = isMap(live) && !isEmptyMap(live) ? live : undefined
  const top = isMap(config) && !isEmptyMap(config) ? config : undefined
  if (shape.atomic || !base) return config
  if (!top) return live
  let result: Record<string, unknown> | undefined
  for (const name in top) {
    const value = memberOf(top, name)
    if (value === undefined) continue
    const type = shape.fields.get(name)?.type ?? shape.rest ?? deducedType
    const before = memberOf(base, name)
    const merged = mergeValues(type, before, value)
    if (merged === before) continue
    result ??= { ...base }
    setOwn(result, name, merged)
  }
  return result ?? live
}

function mergeLists(shape: ListShape, live: unknown, config: unknown): unknown {
  const base = isList(live) && live.length > 0 ? live : undefined
  const top = isList(config) && config.length > 0 ? config : undefined
  if (shape.atomic || !base) return config
  if (!top) return live
  const wanted = elementsOf(shape, top)
  const present = elementsOf(shape, base)
  const merged = interleave(
    { elements: present, items: base },
    { elements: wanted, items: top },
    (before, after) => mergeValues(shape.item, before, after),
  )
  return merged.length === base.length && merged.every((item, index) => item === base[index])
    ? live
    : merged
}

function elementsOf(shape: ListShape, items: readonly unknown[]): string[] {
  return items.map((item, index) => {
    try {
      return listItemElement(shape, item)
    } catch (error) {
      if (!(error instanceof ListItemError)) throw error
      throw new FieldTypeError([{ path: "", message: `element ${index}: ${error.message}` }])
    }
  })
}

interface KeyedItems {
  readonly elements: readonly string[]
  readonly items: readonly unknown[]
}

/**
 * Walks both lists side by side. Items of both stand in config's order; an item that only live has
 * keeps its place behind the item it followed.
 */
function interleave(
  live: KeyedItems,
  config: KeyedItems,
  merge: (before: unknown, after: unknown) => unknown,
): unknown[] {
  const before = liveItems(live)
  const after = new Map(config.elements.map((element, index) => [element, config.items[index]]))
  const shared = config.elements.filter((element) => before.has(element))
  const done = new Set<string>()
  const merged: unknown[] = []
  let sharedAt = 0
  let liveAt = 0
  let configAt = 0
  const take = (element: string): void => {
    done.add(element)
    merged.push(merge(before.get(element), after.get(element)))
    configAt += 1
  }
  while (liveAt < live.elements.length || configAt < config.elements.length) {
    const ours = live.elements[liveAt]
    const theirs = config.elements[configAt]
    if (ours !== undefined && theirs !== undefined) {
      if (ours === theirs) {
        take(theirs)
        liveAt += 1
        sharedAt += 1
        continue
      }
      const next = shared[sharedAt]
      if (after.has(ours) && next !== undefined && next !== ours) {
        liveAt += 1
        continue
      }
    }
    if (ours !== undefined) {
      if (!after.has(ours)) {
        merged.push(live.items[liveAt])
        liveAt += 1
        continue
      }
      if (done.has(ours)) liveAt += 1
    }
    if (theirs !== undefined) {
      take(theirs)
      if (shared[sharedAt] === theirs) sharedAt += 1
    }
  }
  return merged
}

/**
 * Live's items by element. Of items that share a key nothing is kept: config's item takes their
 * place.
 */
function liveItems({ elements, items }: KeyedItems): Map<string, unknown> {
  const result = new Map<string, unknown>()
  for (const [index, element] of elements.entries()) {
    result.set(element, result.has(element) ? null : items[index])
  }
  return result
}
