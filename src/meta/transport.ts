import type { KindRef } from "./kind.ts"
import type { ApiObject } from "./object-meta.ts"

/** Which user a request speaks for. */
export interface UserInfo {
  readonly name: string
  readonly uid?: string | undefined
  readonly groups: readonly string[]
  readonly extra?: Readonly<Record<string, readonly string[]>> | undefined
}

/** The object or collection that a call is about. */
export interface ApiTarget {
  readonly kind: KindRef
  readonly namespace?: string | undefined
  readonly name?: string | undefined
  readonly subresource?: string | undefined
}

export type PatchType = "json" | "merge" | "strategic" | "apply"

export interface WriteOptions {
  readonly fieldManager?: string | undefined
  readonly fieldValidation?: "Ignore" | "Warn" | "Strict" | undefined
  readonly dryRun?: boolean | undefined
}

export interface PatchOptions extends WriteOptions {
  /** Only for apply: take fields over from other managers. */
  readonly force?: boolean | undefined
}

export interface DeleteOptions {
  readonly propagationPolicy?: "Background" | "Foreground" | "Orphan" | undefined
  readonly preconditions?:
    | { readonly uid?: string | undefined; readonly resourceVersion?: string | undefined }
    | undefined
  readonly gracePeriodSeconds?: number | undefined
  readonly dryRun?: boolean | undefined
}

export interface ListOptions {
  readonly labelSelector?: string | undefined
  readonly fieldSelector?: string | undefined
  readonly limit?: number | undefined
  readonly continue?: string | undefined
  readonly resourceVersion?: string | undefined
}

export interface WatchOptions extends ListOptions {
  /**
   * Begin with the current state as ADDED events and one BOOKMARK that ends it. Not said, a watch
   * begins with the state unless it has a resource version.
   */
  readonly sendInitialEvents?: boolean | undefined
  readonly allowBookmarks?: boolean | undefined
}

export interface ObjectList<T> {
  readonly items: readonly T[]
  readonly resourceVersion: string
  readonly continue?: string | undefined
  readonly remainingItemCount?: number | undefined
}

export type WatchEvent<T> =
  | { readonly type: "ADDED" | "MODIFIED" | "DELETED"; readonly object: T }
  | {
      readonly type: "BOOKMARK"
      readonly resourceVersion: string
      readonly initialEventsEnd: boolean
    }

/**
 * How a client reaches an API server: over HTTP, or in process past the same authorization,
 * decoding, admission and validation. Every method rejects with `ApiError`. Arguments are neither
 * kept nor changed; results are the caller's to read, frozen in process.
 */
export interface ApiTransport {
  get(target: ApiTarget): Promise<ApiObject>
  list(target: ApiTarget, options: ListOptions): Promise<ObjectList<ApiObject>>
  /** With a subresource in the target this is its POST (`eviction`, `token`). */
  create(target: ApiTarget, object: unknown, options: WriteOptions): Promise<ApiObject>
  update(target: ApiTarget, object: unknown, options: WriteOptions): Promise<ApiObject>
  patch(
    target: ApiTarget,
    patch: { readonly type: PatchType; readonly body: unknown },
    options: PatchOptions,
  ): Promise<ApiObject>
  /** Resolves when the request was accepted; finalizers may keep the object. */
  delete(target: ApiTarget, options: DeleteOptions): Promise<void>
  /** Ends without an error when the signal aborts; rejects with `Expired` when history is gone. */
  watch(
    target: ApiTarget,
    options: WatchOptions,
    signal: AbortSignal,
  ): AsyncIterable<WatchEvent<ApiObject>>
}
