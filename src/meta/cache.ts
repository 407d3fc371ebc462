import type { KindRef } from "./kind.ts"

/** One change of a cached object. `old` is undefined for the first sight of it. */
export interface CacheEvent<T> {
  readonly type: "added" | "modified" | "deleted"
  readonly object: T
  readonly old?: T | undefined
}

/**
 * Every object of one kind as the feed last told it: frozen, lazily parsed, never older than a
 * write that this process has been answered. In process it is a view of the API server's hub; over
 * HTTP an informer stands behind it. Absence here is no evidence: read live before acting on it.
 */
export interface ObjectCache<T> {
  get(namespace: string | undefined, name: string): T | undefined
  /** All objects, or those of one namespace, ordered by namespace and name. */
  list(namespace?: string): readonly T[]
  /** Objects with an owner reference to this UID. */
  ownedBy(uid: string): readonly T[]
  /** Objects that carry the label with that value. */
  labelled(label: string, value: string, namespace?: string): readonly T[]
  /** Calls back for every change from now on, in order; returns the way to stop. */
  subscribe(handler: (event: CacheEvent<T>) => void): () => void
}

/** Hands out caches; the first request for a kind may have to wait until it is filled. */
export interface CacheSource {
  cache<T>(kind: KindRef<T>): Promise<ObjectCache<T>>
}
