import type { ApiObject } from "#meta"
import { encodeStored, keyFor, prefixFor } from "./record.ts"

/**
 * Key and bytes of an object as the API server stores it, for those who fill a store beforehand.
 */
export function storedObject(
  group: string,
  plural: string,
  object: ApiObject,
): { readonly key: string; readonly value: Uint8Array } {
  const { namespace, name } = object.metadata
  return { key: keyFor(prefixFor(group, plural), namespace, name), value: encodeStored(object) }
}
