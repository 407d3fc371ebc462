import type { Clock } from "#base"

import { CompactedError, RevisionConflictError, StoreError } from "./errors.ts"
import { Feed } from "./feed.ts"
import { checkKey, compareKeys, endOfPrefix, startOfRange } from "./keys.ts"
import { defaultHistoryMs, Retention } from "./retention.ts"
import { SortedKeys } from "./sorted-keys.ts"
import type {
  Entry,
  ListOptions,
  ListResult,
  Revision,
  Snapshot,
  Store,
  WatchBatch,
} from "./store.ts"

export interface MemoryStoreOptions {
  readonly clock: Clock
  /** How long history lives at the least, in milliseconds; five minutes by default. */
  readonly historyMs?: number | undefined
  /** Where revisions begin: above all that an earlier store of the same content has given out. */
  readonly firstRevision?: Revision | undefined
}

/**
 * Opens an empty store that lives and dies with the process. Idle, it holds no timer and no thread.
 */
export function openMemoryStore(options: MemoryStoreOptions): Store {
  return new MemoryStore(options)
}

/**
 * The feed is the history: an older state is the present one with the changes since then undone.
 */
class MemoryStore implements Store {
  readonly #entries = new Map<string, Entry>()
  readonly #keys = new SortedKeys()
  readonly #feed: Feed
  readonly #retention: Retention
  #closed = false

  constructor(options: MemoryStoreOptions) {
    const { firstRevision = 1 } = options
    const feed: Feed = new Feed({
      newest: firstRevision,
      floor: firstRevision - 1,
      behind: async (after) => Promise.reject(new CompactedError(after, feed.floor)),
    })
    this.#feed = feed
    this.#retention = new Retention({
      clock: options.clock,
      historyMs: options.historyMs ?? defaultHistoryMs,
      opened: firstRevision,
      newest: () => feed.newest,
      forget: (revision) => feed.forget(revision),
    })
  }

  async get(key: string): Promise<Entry | undefined> {
    this.#checkOpen()
    return this.#entries.get(key)
  }

  async list(prefix: string, options: ListOptions = {}): Promise<ListResult> {
    this.#checkOpen()
    const revision = options.atRevision ?? this.#feed.newest
    const start = startOfRange(prefix, options.from)
    const end = endOfPrefix(prefix)
    if (revision !== this.#feed.newest) return this.#listPast(revision, { ...options, start, end })
    const keys = this.#keys.range(start, end, options.limit)
    const entries = keys.map((key) => this.#entries.get(key) as Entry)
    return { entries, revision, count: this.#keys.count(start, end) }
  }

  async put(key: string, value: Uint8Array, expected: Revision): Promise<Revision> {
    checkKey(key)
    const previous = this.#current(key, expected)
    const revision = this.#feed.newest + 1
    const createRevision = previous?.createRevision ?? revision
    if (previous === undefined) this.#keys.add(key)
    this.#entries.set(key, { key, value, createRevision, revision })
    this.#publish({ type: "put", key, revision, value, previous })
    return revision
  }

  async delete(key: string, expected: Revision): Promise<Revision> {
    const previous = this.#current(key, expected)
    if (previous === undefined) throw new RevisionConflictError(key, undefined)
    const revision = this.#feed.newest + 1
    this.#keys.remove(key)
    this.#entries.delete(key)
    this.#publish({ type: "delete", key, revision, value: undefined, previous })
    return revision
  }

  watch(prefix: string, fromRevision: Revision, signal: AbortSignal): AsyncIterable<WatchBatch> {
    return this.#feed.watch(prefix, fromRevision, signal)
  }

  async revision(): Promise<Revision> {
    this.#checkOpen()
    return this.#feed.newest
  }

  async compact(revision: Revision): Promise<void> {
    this.#checkOpen()
    this.#checkReached(revision)
    this.#feed.forget(revision)
  }

  async snapshot(): Promise<Snapshot> {
    const { entries, revision } = await this.list("")
    return {
      revision,
      entries: (async function* () {
        yield* entries
      })(),
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#retention.stop()
    this.#feed.fail(new StoreError("watch store: it was closed"))
  }

  #listPast(
    revision: Revision,
    range: ListOptions & { readonly start: string; readonly end: string | undefined },
  ): ListResult {
    this.#checkReached(revision)
    if (revision < this.#feed.floor) throw new CompactedError(revision, this.#feed.floor)
    const { start, end, limit = Number.POSITIVE_INFINITY } = range
    const undone = new Map<string, Entry | undefined>()
    for (const { key, previous } of this.#feed.after(revision)) {
      if (compareKeys(key, start) < 0 || (end !== undefined && compareKeys(key, end) >= 0)) continue
      if (!undone.has(key)) undone.set(key, previous)
    }
    const kept = this.#keys.range(start, end).filter((key) => !undone.has(key))
    const restored = [...undone.keys()].filter((key) => undone.get(key) !== undefined)
    const keys = [...kept, ...restored].sort(compareKeys)
    const entries = keys
      .slice(0, limit)
      .map((key) => undone.get(key) ?? (this.#entries.get(key) as Entry))
    return { entries, revision, count: keys.length }
  }

  /** The entry that a write replaces, if it is the one the writer expected. */
  #current(key: string, expected: Revision): Entry | undefined {
    this.#checkOpen()
    const current = this.#entries.get(key)
    if ((current?.revision ?? 0) !== expected) throw new RevisionConflictError(key, current)
    return current
  }

  #publish(change: Parameters<Feed["append"]>[0][number]): void {
    this.#feed.append([change])
    this.#retention.touch()
  }

  #checkReached(revision: Revision): void {
    if (revision > this.#feed.newest) {
      throw new StoreError(`read revision ${revision}: the newest is ${this.#feed.newest}`)
    }
  }

  #checkOpen(): void {
    if (this.#closed) throw new StoreError("use store: it was closed")
  }
}
