import type { KindRef, UserInfo, WriteOptions } from "#meta"
import { keyFor } from "./hub/record.ts"
import type { Resource } from "./resource.ts"

/** One request after routing and authorization: who, on what. */
export interface Call {
  readonly user: UserInfo
  readonly resource: Resource
  readonly namespace: string | undefined
  /** Undefined for a collection. */
  readonly name: string | undefined
  readonly subresource: string | undefined
  /** Adds a `Warning` header to the answer. */
  readonly warn: (text: string) => void
}

/** A call that writes. */
export interface WriteCall extends Call {
  readonly options: WriteOptions & {
    /** The field manager, or what the user agent makes of it. */
    readonly manager: string
    readonly strictFindings?: readonly string[] | undefined
  }
}

/** Group and plural, for error texts. */
export function resourceName(kind: KindRef): { group: string; plural: string } {
  return { group: kind.group, plural: kind.plural }
}

/** The storage key of the named object. */
export function callKey(call: Call, name: string): string {
  return keyFor(call.resource.table.prefix, call.namespace, name)
}
