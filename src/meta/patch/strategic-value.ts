import { isObject, setOwn } from "#base"

export type Members = Readonly<Record<string, unknown>>

const marker = "$patch"

/** The `$patch` directive of an object in a patch; undefined when it has none. */
export function directive(patch: Members): unknown {
  return Object.hasOwn(patch, marker) ? patch[marker] : undefined
}

/**
 * A value as it enters the object from the patch: nulls and objects that carry a directive have
 * nothing to act on there and are left out. `keep` is false when the value itself is one.
 */
export function cleanPatch(value: unknown): { readonly keep: boolean; readonly value: unknown } {
  if (Array.isArray(value)) {
    const items = value.map(cleanPatch).filter((item) => item.keep)
    return { keep: true, value: items.map((item) => item.value) }
  }
  if (!isObject(value)) return { keep: true, value }
  if (Object.hasOwn(value, marker)) return { keep: false, value: undefined }
  const result: Record<string, unknown> = {}
  for (const [name, member] of Object.entries(value)) {
    if (member === null || member === undefined) continue
    const cleaned = cleanPatch(member)
    if (cleaned.keep) setOwn(result, name, cleaned.value)
  }
  return { keep: true, value: result }
}
