import { isObject } from "#base"
import type { Schema } from "#schema"

/**
 * Removes, in place, what older clients write where they mean nothing: empty strings, lists and
 * objects and zeroes that the hub's schema refuses and does not require.
 */
export function dropRefusedZeros(value: unknown, schema: Schema): void {
  if (Array.isArray(value)) {
    const { items } = schema
    if (isObject(items)) for (const item of value) dropRefusedZeros(item, items)
    return
  }
  if (!isObject(value)) return
  for (const [name, member] of Object.entries(value)) {
    const part = schema.properties?.[name] ?? schema.additionalProperties
    if (!isObject(part)) continue
    dropRefusedZeros(member, part)
    if (isRefusedZero(member, part) && !schema.required?.includes(name)) delete value[name]
  }
}

function isRefusedZero(value: unknown, schema: Schema): boolean {
  if (value === "") return (schema.minLength ?? 0) > 0
  if (value === 0) return (schema.minimum ?? 0) > 0
  if (Array.isArray(value)) return value.length === 0 && (schema.minItems ?? 0) > 0
  return isObject(value) && Object.keys(value).length === 0 && (schema.minProperties ?? 0) > 0
}
