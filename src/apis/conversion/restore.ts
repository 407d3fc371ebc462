import { deepEqual, isObject, setOwn } from "#base"
import type { Schema } from "#schema"

/**
 * Brings back what an older version could not carry. `kept` is the hub object as it was given out,
 * `carried` is that object after a trip through the older version, `written` is what came back:
 * where somebody changed the carried value the change wins, everywhere else the kept value does.
 */
export function restore(
  kept: unknown,
  carried: unknown,
  written: unknown,
  schema: Schema,
): unknown {
  if (deepEqual(carried, written)) return kept
  if (isObject(written) && (isObject(kept) || isObject(carried))) {
    return restoreObject(asObject(kept), asObject(carried), written, schema)
  }
  if (Array.isArray(written) && Array.isArray(kept) && Array.isArray(carried)) {
    return restoreList(kept, carried, written, schema)
  }
  return written
}

function restoreObject(
  kept: Record<string, unknown>,
  carried: Record<string, unknown>,
  written: Record<string, unknown>,
  schema: Schema,
): Record<string, unknown> {
  const result: Record<string, unknown> = {}
  for (const name of new Set([...Object.keys(written), ...Object.keys(kept)])) {
    const part = schema.properties?.[name] ?? schema.additionalProperties
    const value = restore(
      own(kept, name),
      own(carried, name),
      own(written, name),
      isObject(part) ? part : {},
    )
    if (value !== undefined) setOwn(result, name, value)
  }
  return result
}

/**
 * Items are the same item when their keys agree; without keys, when they stand at the same place.
 */
function restoreList(
  kept: readonly unknown[],
  carried: readonly unknown[],
  written: readonly unknown[],
  schema: Schema,
): readonly unknown[] {
  const keys = schema["x-kubernetes-list-map-keys"]
  const items = isObject(schema.items) ? (schema.items as Schema) : {}
  const indexOf = (item: unknown, index: number): number => {
    if (keys && isObject(item)) {
      return carried.findIndex(
        (other) => isObject(other) && keys.every((key) => deepEqual(other[key], item[key])),
      )
    }
    if (written.length === carried.length) return index
    return carried.findIndex((other) => deepEqual(other, item))
  }
  const keptOf = (index: number): unknown => {
    const item = carried[index]
    if (!keys || !isObject(item)) return carried.length === kept.length ? kept[index] : undefined
    return kept.find(
      (other) => isObject(other) && keys.every((key) => deepEqual(other[key], item[key])),
    )
  }
  return written.map((item, position) => {
    const index = indexOf(item, position)
    return index < 0 ? item : restore(keptOf(index), carried[index], item, items)
  })
}

function asObject(value: unknown): Record<string, unknown> {
  return isObject(value) ? value : {}
}

function own(object: Record<string, unknown>, name: string): unknown {
  return Object.hasOwn(object, name) ? object[name] : undefined
}
