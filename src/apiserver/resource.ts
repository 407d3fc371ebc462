import type { Clock, JsonValue } from "#base"
import type {
  ApiObject,
  KindRef,
  KindRules,
  PrinterColumn,
  Subresources,
  UserInfo,
  VersionConversion,
} from "#meta"
import type { CompiledSchema, Definitions, FieldError, Schema } from "#schema"
import type { Table } from "./hub/table.ts"

/**
 * A column of `kubectl get`: made from a JSONPath for custom kinds, by hand for Kubernetes' own.
 */
export interface TableColumn extends Omit<PrinterColumn, "jsonPath"> {
  readonly cell: (object: ApiObject, nowMs: number) => JsonValue
}

export interface PrepareInput {
  readonly object: ApiObject
  readonly old: ApiObject | undefined
  readonly subresource: string | undefined
  readonly user: UserInfo
  readonly clock: Clock
}

export interface CheckInput extends PrepareInput {
  readonly namespace: string | undefined
  /** Says something to the client that does not keep it from writing. */
  readonly warn: (text: string) => void
}

/** What a resource does differently from a plain custom one. */
export interface Strategy {
  /** Which changes move `metadata.generation`: none, those of `spec`, or all outside metadata. */
  readonly generation: "none" | "spec" | "all"
  /** PUT without a resource version is allowed. */
  readonly unconditionalUpdate: boolean
  /** PUT of a missing object creates it (Leases, Events). */
  readonly createOnUpdate: boolean
  /** The status may come with the object: whoever registers one knows it (Nodes). */
  readonly statusAtBirth?: boolean | undefined
  readonly nameRule: "subdomain" | "label" | "path-segment"
  /** Fills in what Kubernetes fills in before validation. */
  readonly prepare?: ((input: PrepareInput) => ApiObject) | undefined
  readonly validate?:
    | ((object: ApiObject, old: ApiObject | undefined) => readonly FieldError[])
    | undefined
  /** Refuses a write by throwing `ApiError`, for reasons that lie outside the object. */
  readonly check?: ((input: CheckInput) => void) | undefined
  /** Refuses a delete by throwing `ApiError`. */
  readonly checkDelete?: ((object: ApiObject) => void) | undefined
  /** What else changes on an object when it is first marked as deleted: a phase, a finalizer. */
  readonly markDeleted?: ((object: ApiObject, now: string) => ApiObject) | undefined
  /** Finalizers in `spec` (Namespaces) or elsewhere that keep a deleted object alive. */
  readonly isHeld?: ((object: ApiObject) => boolean) | undefined
}

/** A subresource that a handler answers; kind and version name its bodies. */
export interface ExtraSubresource {
  readonly name: string
  readonly group: string
  readonly version: string
  readonly kind: string
  readonly verbs: readonly string[]
}

/** One group, version and plural, as it is served. Versions of one kind share a table. */
export interface Resource extends KindRef {
  readonly listKind: string
  readonly singular: string
  readonly shortNames: readonly string[]
  readonly categories: readonly string[]
  readonly verbs: readonly string[]
  readonly subresources: Subresources
  /** Those beyond `status` and `scale` that take requests (`token`, `finalize`, `eviction`, …). */
  readonly extraSubresources: readonly ExtraSubresource[]
  readonly custom: boolean
  /** Its definition is being deleted: nothing new is created. */
  readonly isTerminating: boolean
  readonly deprecationWarning: string | undefined
  readonly table: Table
  /** The resource whose version is the stored one; itself when that is this one. */
  readonly storage: Resource
  /** Between this version and the stored one; undefined when they are the same. */
  readonly conversion: VersionConversion | undefined
  /** Objects written from this revision on are stored exactly as the storage version shows them. */
  readonly storedSince: number
  /**
   * Shows an object that was stored under another version or an earlier schema; undefined where
   * neither happens.
   */
  readonly revive?: ((object: ApiObject) => ApiObject) | undefined
  readonly schema: Schema
  readonly definitions: Definitions
  readonly compiled: CompiledSchema
  readonly columns: readonly TableColumn[]
  readonly strategy: Strategy
  readonly rules: readonly KindRules[]
  /**
   * The value a field selector compares; throws `BadRequest` for a field that cannot be selected.
   */
  readonly selectable: (object: ApiObject, field: string) => string
}

/** Custom resources, and whatever has no rule of its own. */
export const plainStrategy: Strategy = {
  generation: "all",
  unconditionalUpdate: false,
  createOnUpdate: false,
  nameRule: "subdomain",
}
