import type { ObjectMeta } from "#meta"

interface Header {
  /** Filled in from the kind when absent. */
  readonly apiVersion?: string | undefined
  /** Filled in from the kind when absent. */
  readonly kind?: string | undefined
}

/** An object as a caller writes it: what the server fills in may be left out. */
export type Manifest<T> = Header & { readonly metadata: Partial<ObjectMeta> } & Omit<
    T,
    "apiVersion" | "kind" | "metadata"
  >

/**
 * Any part of a value: what server-side apply sends. Lists are given whole, their items in part.
 */
export type Part<V> = V extends readonly (infer Item)[]
  ? readonly Part<Item>[]
  : V extends object
    ? { readonly [Key in keyof V]?: Part<V[Key]> | undefined }
    : V

/** The part of an object that one field manager has an opinion on. */
export type ApplyManifest<T> = Header & {
  readonly metadata: Partial<ObjectMeta> & { readonly name: string }
} & Part<Omit<T, "apiVersion" | "kind" | "metadata">>

export interface JsonPatchOperation {
  readonly op: "add" | "remove" | "replace" | "move" | "copy" | "test"
  readonly path: string
  readonly from?: string | undefined
  readonly value?: unknown
}

/** A change of one object: RFC 6902, RFC 7386, or Kubernetes' strategic merge. */
export type Patch =
  | { readonly type: "json"; readonly body: readonly JsonPatchOperation[] }
  | { readonly type: "merge" | "strategic"; readonly body: object }
