import type { Clock, Logger } from "#base"
import { messageOf } from "#base"

import { StoreError } from "./errors.ts"
import { batchLimit, Feed } from "./feed.ts"
import { checkKey, endOfPrefix, startOfRange } from "./keys.ts"
import { defaultHistoryMs, Retention } from "./retention.ts"
import { type PendingWrite, SqliteLink } from "./sqlite-link.ts"
import {
  type Committed,
  type Page,
  type Synchronous,
  unpackAny,
  unpackEntries,
} from "./sqlite-protocol.ts"
import type {
  Change,
  Entry,
  ListOptions,
  ListResult,
  Revision,
  Snapshot,
  Store,
  WatchBatch,
} from "./store.ts"

export interface SqliteStoreOptions {
  /** Created with mode 0600 when there is none; its directory must exist. */
  readonly file: string
  readonly clock: Clock
  readonly log: Logger
  /** How long history lives at the least, in milliseconds; five minutes by default. */
  readonly historyMs?: number | undefined
  /** `off` gives up durability, for tests that show what `full` is good for. */
  readonly synchronous?: Synchronous | undefined
}

/**
 * Opens the store in a file, which belongs to this store until it is closed or the process ends.
 * Beside the file lie SQLite's `-wal` and `-shm` and our `-lock`. Errors: `StoreError` that names
 * the file when somebody else has it open, when it is damaged, or when it is something else.
 */
export async function openSqliteStore(options: SqliteStoreOptions): Promise<Store> {
  const { file, synchronous = "full" } = options
  return new SqliteStore(await SqliteLink.open({ file, synchronous }), options)
}

/** So much is kept of what watches were not handed yet; slower ones read it from the file. */
const feedLimitBytes = 8 * 1024 * 1024

class SqliteStore implements Store {
  readonly #link: SqliteLink
  readonly #feed: Feed
  readonly #retention: Retention
  readonly #log: Logger
  #lastPin = 0

  constructor(link: SqliteLink, options: SqliteStoreOptions) {
    this.#link = link
    this.#log = options.log
    this.#feed = new Feed({
      newest: link.newest,
      floor: link.newest,
      limitBytes: feedLimitBytes,
      behind: async (after) => this.#history(after),
    })
    this.#retention = new Retention({
      clock: options.clock,
      historyMs: options.historyMs ?? defaultHistoryMs,
      opened: link.newest,
      newest: () => this.#feed.newest,
      forget: (revision) => void this.#forget(revision),
    })
    if (link.newest > 1) this.#retention.touch()
    link.listen(
      (writes, committed) => this.#committed(writes, committed),
      (error) => this.#feed.fail(error),
    )
  }

  get(key: string): Promise<Entry | undefined> {
    return this.#link.ask({ op: "get", key })
  }

  async list(prefix: string, options: ListOptions = {}): Promise<ListResult> {
    const pages = this.#pages(prefix, options)
    const first = await pages.next()
    if (first.done === true) throw new StoreError(`list ${prefix}: no page came`)
    const { revision, count } = first.value
    const entries = unpackEntries(first.value.entries)
    for await (const page of pages) {
      for (const entry of unpackEntries(page.entries)) entries.push(entry)
    }
    return { entries, revision, count: count ?? entries.length }
  }

  async put(key: string, value: Uint8Array, expected: Revision): Promise<Revision> {
    checkKey(key)
    return this.#link.write({ key, value, expected })
  }

  delete(key: string, expected: Revision): Promise<Revision> {
    return this.#link.write({ key, value: undefined, expected })
  }

  watch(prefix: string, fromRevision: Revision, signal: AbortSignal): AsyncIterable<WatchBatch> {
    const watch = this.#feed.watch(prefix, fromRevision, signal)
    this.#link.feeds = this.#feed.watched
    return watch
  }

  revision(): Promise<Revision> {
    return this.#link.ask({ op: "revision" })
  }

  async compact(revision: Revision): Promise<void> {
    await this.#link.ask({ op: "compact", revision })
    while (await this.#link.ask({ op: "purge" })) continue
  }

  async snapshot(): Promise<Snapshot> {
    const pages = this.#pages("", {})
    const first = await pages.next()
    if (first.done === true) throw new StoreError("copy store: no page came")
    const entries = async function* (): AsyncGenerator<Entry, void> {
      try {
        yield* unpackEntries(first.value.entries)
        for await (const page of pages) yield* unpackEntries(page.entries)
      } finally {
        await pages.return()
      }
    }
    return { revision: first.value.revision, entries: entries() }
  }

  async close(): Promise<void> {
    this.#retention.stop()
    await this.#link.close()
  }

  /** Reads a list page by page at one revision, so that neither thread is held up by a long one. */
  async *#pages(prefix: string, options: ListOptions): AsyncGenerator<Page, void, undefined> {
    const { limit = Number.POSITIVE_INFINITY } = options
    this.#lastPin += 1
    const pin = this.#lastPin
    const request = { op: "list", end: endOfPrefix(prefix), pin } as const
    let start = startOfRange(prefix, options.from)
    let { atRevision } = options
    let left = limit
    let counted = options.limit !== undefined
    let isPinned = false
    try {
      for (;;) {
        const page = await this.#link.ask({
          ...request,
          start,
          limit: left,
          atRevision,
          counted,
        })
        const { keys } = page.entries
        left -= keys.length
        isPinned = page.more && left > 0
        yield page
        if (!isPinned) return
        start = `${keys.at(-1) ?? start}\0`
        atRevision = page.revision
        counted = false
      }
    } finally {
      if (isPinned) await this.#link.ask({ op: "unpin", pin }).catch(() => {})
    }
  }

  /** What the feed no longer has. */
  async #history(after: Revision): Promise<WatchBatch> {
    const history = await this.#link.ask({ op: "history", after, limit: batchLimit })
    const before = unpackEntries(history.previous)
    const previous = new Map(history.previousOf.map((index, position) => [index, before[position]]))
    const changes = unpackAny(history.entries).map(({ key, value, revision }, index): Change => {
      const type = value === undefined ? "delete" : "put"
      return { type, key, revision, value, previous: previous.get(index) }
    })
    return { changes, progress: history.progress }
  }

  #committed(writes: readonly PendingWrite[], committed: Committed): void {
    const { revisions, newest, previousOf, previous } = committed
    if (newest > this.#feed.newest) this.#retention.touch()
    this.#link.feeds = this.#feed.watched
    if (previousOf === undefined || previous === undefined || !this.#feed.watched) {
      this.#feed.skip(newest)
      return
    }
    const before = unpackEntries(previous)
    const previousAt = new Map(previousOf.map((index, position) => [index, before[position]]))
    const changes: Change[] = []
    revisions.forEach((revision, index) => {
      const write = writes[index]
      if (revision === 0 || write === undefined) return
      const { key, value } = write
      const type = value === undefined ? "delete" : "put"
      changes.push({ type, key, revision, value, previous: previousAt.get(index) })
    })
    this.#feed.forget(this.#feed.slowest())
    this.#feed.append(changes)
  }

  async #forget(revision: Revision): Promise<void> {
    try {
      await this.compact(revision)
    } catch (error) {
      this.#log.warn("forgetting old history failed", { revision, reason: messageOf(error) })
    }
  }
}
