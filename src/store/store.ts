/**
 * The contract of every store driver: a flat, ordered key space in which every write is one object
 * with one revision of its own. Drivers: `sqlite` (default), `memory`, `etcd`. The conformance
 * suite in `testing/` is this contract as a program.
 *
 * Revisions are integers below 2^53, grow by at least one per write, and are never reused nor go
 * back, also across restarts. A write is acknowledged only after it is durable, and published to
 * watchers only after that. A store that was never written stands at revision 1 or later.
 *
 * Keys are non-empty well-formed strings, ordered by their UTF-8 bytes. Values are opaque; their
 * bytes are shared and not copied, so neither side changes them afterwards.
 */
export type Revision = number

/** One key as it stands (or stood) at some revision. */
export interface Entry {
  readonly key: string
  readonly value: Uint8Array
  /** Revision of the write that created the key. */
  readonly createRevision: Revision
  /** Revision of the write that set this value. */
  readonly revision: Revision
}

export interface ListOptions {
  /** First key to return (inclusive); must have the prefix. */
  readonly from?: string | undefined
  /** At most so many entries; 0 asks for the count alone. */
  readonly limit?: number | undefined
  /**
   * The state as of this revision; `CompactedError` when it is gone, `StoreError` when yet to come.
   */
  readonly atRevision?: Revision | undefined
}

export interface ListResult {
  readonly entries: readonly Entry[]
  /** The revision the answer stands for: `atRevision`, or the newest. */
  readonly revision: Revision
  /** How many keys of the prefix exist from `from` on, those returned included. */
  readonly count: number
}

/** One durable write, as the feed tells it. */
export interface Change {
  readonly type: "put" | "delete"
  readonly key: string
  readonly revision: Revision
  /** The new value; undefined for a delete. */
  readonly value: Uint8Array | undefined
  /** The value before, undefined when the key did not exist. */
  readonly previous: Entry | undefined
}

/**
 * What a watch yields: changes in revision order, and marks that say "nothing older is missing". A
 * write outside the watch's prefix is told as a mark, with no changes.
 */
export interface WatchBatch {
  readonly changes: readonly Change[]
  /** Everything up to here has been delivered. */
  readonly progress: Revision
}

/** Everything at one revision, for a backup. */
export interface Snapshot {
  readonly revision: Revision
  /** In key order; can be read once. */
  readonly entries: AsyncIterable<Entry>
}

export interface Store {
  get(key: string): Promise<Entry | undefined>

  /** Keys with the prefix in byte order. */
  list(prefix: string, options?: ListOptions): Promise<ListResult>

  /**
   * Writes one key. `expected` is the revision the caller saw: 0 means "must not exist".
   * Errors: `RevisionConflictError` (carries what is there now), `StoreFullError`, `StoreError`.
   */
  put(key: string, value: Uint8Array, expected: Revision): Promise<Revision>

  /**
   * Removes one key whose revision is `expected`; answers the revision of the removal. Errors as
   * `put`.
   */
  delete(key: string, expected: Revision): Promise<Revision>

  /**
   * Every change to keys of the prefix after `fromRevision`, in order, until the signal aborts
   * (then it ends without an error). First yields what history holds. A watch buffers nothing: one
   * that is read slowly delays nobody, and fails when history leaves it behind. In one process, a
   * watch that is awaited sees a change before the writer gets its answer. Errors: `CompactedError`
   * when history no longer reaches back that far; `StoreError` when the driver failed or was
   * closed.
   */
  watch(prefix: string, fromRevision: Revision, signal: AbortSignal): AsyncIterable<WatchBatch>

  /** The newest durable revision. */
  revision(): Promise<Revision>

  /**
   * Forgets history up to and including `revision`: lists at older revisions and watches from older
   * ones fail from now on; the state at `revision` and the changes after it stay.
   */
  compact(revision: Revision): Promise<void>

  /** A consistent copy of everything. Whoever restores it jumps the revision ahead of it. */
  snapshot(): Promise<Snapshot>

  /**
   * Waits for writes in flight, fails what comes later, ends the watches, releases every resource.
   */
  close(): Promise<void>
}
