import type { ApiObject, PrinterColumn } from "#meta"

/** What a table cell or a field selector sees of an object, as JSON. */
export type Cell = string | number | boolean

/** A column of `kubectl get`. */
export interface BuiltinColumn extends Omit<PrinterColumn, "jsonPath"> {
  readonly cell: (object: ApiObject, nowMs: number) => Cell
}

export interface BuiltinSubresource {
  readonly name: string
  /** The kind of its bodies, such as `Scale`; the parent's own kind for `status`. */
  readonly group: string
  readonly version: string
  readonly kind: string
  readonly verbs: readonly string[]
}

/** The values that a field selector may compare, by the field's name; `metadata.name` included. */
export type FieldSelectors = Readonly<Record<string, (object: ApiObject) => string>>

/** One resource of Kubernetes' own groups. */
export interface BuiltinKind {
  readonly group: string
  readonly version: string
  readonly kind: string
  readonly plural: string
  readonly singular: string
  readonly shortNames: readonly string[]
  readonly categories: readonly string[]
  readonly namespaced: boolean
  /** As a full API server's discovery lists them; only `create` for reviews and bindings. */
  readonly verbs: readonly string[]
  /** Key into `definitions`. */
  readonly definition: string
  readonly subresources: readonly BuiltinSubresource[]
  /** Empty for kinds that are never listed. */
  readonly columns: readonly BuiltinColumn[]
  readonly fieldSelectors: FieldSelectors
}
