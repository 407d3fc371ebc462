import { deepEqual, isObject } from "#base"

/**
 * The JSON merge patch (RFC 7386) that turns one value into the other; undefined when they are
 * equal.
 */
export function mergePatchOf(
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
): Record<string, unknown> | undefined {
  const patch: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(after)) {
    const old = before[name]
    if (value === undefined || deepEqual(old, value)) continue
    patch[name] = isObject(old) && isObject(value) ? mergePatchOf(old, value) : value
  }
  for (const [name, old] of Object.entries(before)) {
    if (old !== undefined && after[name] === undefined) patch[name] = null
  }
  return Object.keys(patch).length === 0 ? undefined : patch
}
