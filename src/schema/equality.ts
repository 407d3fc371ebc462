import { deepEqual, setOwn } from "#base"
import { canonicalJson } from "./field-error.ts"

/** A text that two JSON values share exactly when they are equal. */
export function identityOf(value: unknown): string {
  if (typeof value === "string") return `s${value}`
  if (typeof value === "object") return canonicalJson(value)
  return `${typeof value} ${String(value)}`
}

/** The identity of a list item by the fields that name it; absent fields count as absent. */
export function keyOf(item: unknown, keys: readonly string[]): string {
  return canonicalJson(keyValues(item, keys))
}

/** The values of an item's key fields, as an error shows them. */
export function keyValues(
  item: unknown,
  keys: readonly string[],
): Readonly<Record<string, unknown>> {
  const values: Record<string, unknown> = {}
  if (typeof item !== "object" || item === null) return values
  const record = item as Record<string, unknown>
  for (const key of keys) {
    if (Object.hasOwn(record, key) && record[key] !== undefined) setOwn(values, key, record[key])
  }
  return values
}

/**
 * The positions at which a value appears for the second time; later repeats are not named again.
 */
export function repeatedPositions(identities: readonly string[]): readonly number[] {
  const counts = new Map<string, number>()
  const repeated: number[] = []
  for (const [index, identity] of identities.entries()) {
    const count = (counts.get(identity) ?? 0) + 1
    counts.set(identity, count)
    if (count === 2) repeated.push(index)
  }
  return repeated
}

/** True when the value equals one of the allowed ones. */
export function isOneOf(value: unknown, allowed: readonly unknown[]): boolean {
  return allowed.some((candidate) => candidate !== null && deepEqual(value, candidate))
}
