import { isObject, setOwn } from "#base"

export type Members = Readonly<Record<string, unknown>>

const marker = "$patch"

/** Before the name of a list of scalars: which of them to take out. */
export const deleteListPrefix = "$deleteFromPrimitiveList/"
/** Before the name of a list: the order of its items. */
export const orderListPrefix = "$setElementOrder/"
/** The members of an object that may stay. */
export const retainKeys = "$retainKeys"

function isDirective(name: string): boolean {
  return (
    name === retainKeys || name.startsWith(deleteListPrefix) || name.startsWith(orderListPrefix)
  )
}

/** The `$patch` directive of an object in a patch; undefined when it has none. */
export function directive(patch: Members): unknown {
  return Object.hasOwn(patch, marker) ? patch[marker] : undefined
}

/**
 * A value as it enters the object from the patch: nulls, directives and objects with a `$patch`
 * have nothing to act on there and are left out. `keep` is false when the value itself is one.
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
    if (member === null || member === undefined || isDirective(name)) continue
    const cleaned = cleanPatch(member)
    if (cleaned.keep) setOwn(result, name, cleaned.value)
  }
  return { keep: true, value: result }
}
