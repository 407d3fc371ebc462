import type { ListShape, MergeType } from "./merge-type.ts"
import { keyElement, valueElement } from "./path-element.ts"

/** Which of a type's shapes a value is handled by. */
export type ShapeName = "map" | "scalar" | "list"

export type Members = Readonly<Record<string, unknown>>

export function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value)
}

export function isMap(value: unknown): value is Members {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}

/** The member an object has of its own: names like `constructor` and `__proto__` are only data. */
export function memberOf(object: Members, name: string): unknown {
  const value = object[name]
  if (typeof value !== "function" && name !== "__proto__") return value
  return Object.hasOwn(object, name) ? value : undefined
}

export function isEmptyMap(object: Members): boolean {
  for (const name in object) if (object[name] !== undefined) return false
  return true
}

/**
 * The shape that fits the value; where none does (null, absent, of a wrong type) the first that
 * the type has, in the order map, scalar, list.
 */
export function shapeFor(type: MergeType, value: unknown): ShapeName {
  if (typeof value === "object" && value !== null) {
    if (Array.isArray(value)) {
      if (type.list) return "list"
    } else if (type.map) return "map"
  } else if (value !== undefined && value !== null && type.scalar) return "scalar"
  return type.map ? "map" : type.scalar ? "scalar" : "list"
}

/**
 * Structural equality of JSON values; numbers by value, absent and `undefined` members the same.
 */
export function equalValues(left: unknown, right: unknown): boolean {
  if (left === right) return true
  if (typeof left !== "object" || typeof right !== "object" || !left || !right) return false
  if (Array.isArray(left)) {
    if (!Array.isArray(right) || left.length !== right.length) return false
    for (let index = 0; index < left.length; index += 1) {
      if (!equalValues(left[index], right[index])) return false
    }
    return true
  }
  return !Array.isArray(right) && equalMaps(left as Members, right as Members)
}

function equalMaps(left: Members, right: Members): boolean {
  let count = 0
  for (const name in left) {
    const ours = left[name]
    if (ours === undefined) continue
    const theirs = memberOf(right, name)
    if (theirs === undefined || !equalValues(ours, theirs)) return false
    count += 1
  }
  for (const name in right) if (right[name] !== undefined) count -= 1
  return count === 0
}

/** Why an item of a list has no place of its own. */
export class ListItemError extends Error {
  override readonly name = "ListItemError"
}

/** The path element of an item of a list that is not atomic; throws `ListItemError`. */
export function listItemElement(shape: ListShape, item: unknown): string {
  if (shape.keys.length > 0) return keyedItemElement(shape, item)
  if (isMap(item)) {
    throw new ListItemError("associative list without keys has an element that's a map type")
  }
  if (isList(item)) {
    throw new ListItemError("not supported: associative list with lists as elements")
  }
  if (item === null || item === undefined) {
    throw new ListItemError("associative list without keys has an element that's an explicit null")
  }
  return valueElement(item)
}

function keyedItemElement(shape: ListShape, item: unknown): string {
  if (item === null || item === undefined) {
    throw new ListItemError("associative list with keys may not have a null element")
  }
  if (!isMap(item)) {
    throw new ListItemError("associative list with keys may not have non-map elements")
  }
  const keys: (readonly [string, unknown])[] = []
  for (const name of shape.keys) {
    const value = memberOf(item, name)
    const key = value === undefined ? shape.item.map?.fields.get(name)?.default : value
    if (key !== undefined && !(key === null && value === undefined)) keys.push([name, key])
  }
  if (keys.length === 0) {
    const names = shape.keys.map((name) => JSON.stringify(name)).join(" ")
    throw new ListItemError(
      `associative list with keys has an element that omits all key fields [${names}] ` +
        "(and doesn't have default values for any key fields)",
    )
  }
  return keyElement(keys)
}
