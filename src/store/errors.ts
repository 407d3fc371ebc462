import type { Entry, Revision } from "./store.ts"

/**
 * The store could not do what was asked: locked, corrupt, closed, unreachable. Data is as it was.
 */
export class StoreError extends Error {
  override readonly name: string = "StoreError"
}

/** The disk or the quota is full; nothing of the write was kept. */
export class StoreFullError extends StoreError {
  override readonly name = "StoreFullError"
}

/** The key is not at the revision that the writer expected. */
export class RevisionConflictError extends StoreError {
  override readonly name = "RevisionConflictError"
  readonly key: string
  readonly current: Entry | undefined

  constructor(key: string, current: Entry | undefined) {
    super(`write ${key}: it is at revision ${current?.revision ?? 0}`)
    this.key = key
    this.current = current
  }
}

/** History no longer reaches back to the revision asked for. */
export class CompactedError extends StoreError {
  override readonly name = "CompactedError"
  readonly requested: Revision
  readonly compacted: Revision

  constructor(requested: Revision, compacted: Revision) {
    super(`read revision ${requested}: history starts after ${compacted}`)
    this.requested = requested
    this.compacted = compacted
  }
}
