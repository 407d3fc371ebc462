import type { FieldError } from "#schema"
import type { KindRef } from "./kind.ts"
import type { ApiObject } from "./object-meta.ts"
import type { UserInfo } from "./transport.ts"

/** Reads other objects while one is being admitted: cached, synchronous. */
export interface AdmissionReader {
  get<T>(kind: KindRef<T>, namespace: string | undefined, name: string): T | undefined
  list<T>(kind: KindRef<T>, namespace?: string): readonly T[]
}

export interface AdmissionInput<T> {
  readonly operation: "CREATE" | "UPDATE" | "DELETE"
  /** For a delete, the object to be deleted. */
  readonly object: T
  readonly old: T | undefined
  readonly user: UserInfo
  readonly dryRun: boolean
  readonly reader: AdmissionReader
}

/** What a validation found: errors refuse the write (422), warnings travel with the answer. */
export interface Findings {
  readonly errors: readonly FieldError[]
  readonly warnings: readonly string[]
}

/**
 * What a kind says about its own objects beyond its schema, in the hub version: upstream's
 * defaulting and validating webhooks, as pure functions. The plane passes them to the API server.
 */
export interface KindRules<T = ApiObject> {
  readonly kind: KindRef<T>
  /** Runs on create and update, before validation. Must be idempotent. */
  readonly mutate?: ((input: AdmissionInput<T>) => T) | undefined
  readonly validate?: ((input: AdmissionInput<T>) => Findings) | undefined
}
