import { type Clock, type Logger, messageOf, sleep } from "#base"
import { type Change, CompactedError, type Revision, type Store } from "#store"
import { Record } from "./record.ts"
import { Table, type TableChange } from "./table.ts"

const retryMs = 1_000

/**
 * The read side of the API server. Its one input is the store's feed, whoever wrote; it owns bytes,
 * keys, labels and owners of everything stored, and tells watchers and caches what was committed.
 */
export class Hub {
  readonly #store: Store
  readonly #clock: Clock
  readonly #log: Logger
  readonly #tables = new Map<string, Table>()
  readonly #listeners = new Set<(table: Table, change: TableChange) => void>()
  readonly #progressListeners = new Set<(revision: Revision) => void>()
  #waiters: { readonly revision: Revision; readonly resolve: () => void }[] = []
  readonly #stop = new AbortController()
  #revision: Revision = 0
  #startRevision: Revision = 0
  #following: Promise<void> | undefined

  constructor(options: { readonly store: Store; readonly clock: Clock; readonly log: Logger }) {
    this.#store = options.store
    this.#clock = options.clock
    this.#log = options.log
  }

  /** Everything up to here has been taken in. */
  get revision(): Revision {
    return this.#revision
  }

  /** True from the first complete read until `stop`. */
  get isFollowing(): boolean {
    return this.#following !== undefined && !this.#stop.signal.aborted
  }

  /** Reads everything once, then follows the feed from there until `stop`. */
  async start(): Promise<void> {
    const { entries, revision } = await this.#store.list("")
    this.#revision = revision
    this.#startRevision = revision
    for (const entry of entries) {
      this.#tableOf(entry.key).put(undefined, new Record(entry.key, entry.value, entry.revision))
    }
    for (const table of this.#tables.values()) table.forgetUntil(revision)
    this.#following = this.#follow()
  }

  /** Ends the following. Whoever still waits for a revision is let go: what is durable stays so. */
  async stop(): Promise<void> {
    this.#stop.abort()
    await this.#following
    for (const waiter of this.#waiters) waiter.resolve()
    this.#waiters = []
  }

  /** The table of a resource, by the prefix of its keys. */
  table(prefix: string): Table {
    let table = this.#tables.get(prefix)
    if (!table) {
      table = new Table(prefix, this.#startRevision)
      this.#tables.set(prefix, table)
    }
    return table
  }

  /** All tables that hold or held objects. */
  get tables(): Iterable<Table> {
    return this.#tables.values()
  }

  /** Resolves once everything up to the revision has been taken in. */
  waitFor(revision: Revision): Promise<void> {
    if (this.#revision >= revision) return Promise.resolve()
    return new Promise((resolve) => this.#waiters.push({ revision, resolve }))
  }

  /**
   * A live look: resolves once everything that was durable when it was called has been taken in.
   * Whoever is about to act on an absence waits for this first.
   */
  async catchUp(): Promise<void> {
    await this.waitFor(await this.#store.revision())
  }

  /** Calls back for every change of every table, after the table's own listeners. */
  subscribe(listener: (table: Table, change: TableChange) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Calls back when the revision has moved on. */
  onProgress(listener: (revision: Revision) => void): () => void {
    this.#progressListeners.add(listener)
    return () => this.#progressListeners.delete(listener)
  }

  async #follow(): Promise<void> {
    const { signal } = this.#stop
    while (!signal.aborted) {
      try {
        for await (const batch of this.#store.watch("", this.#revision, signal)) {
          for (const change of batch.changes) this.#take(change)
          this.#advance(batch.progress)
        }
      } catch (error) {
        this.#log.error("store feed broke", { error: messageOf(error) })
        if (error instanceof CompactedError) await this.#readAgain().catch(() => {})
        await sleep(this.#clock, retryMs, signal).catch(() => {})
      }
    }
  }

  /**
   * The feed has a gap: what happened in it is told as one change for every object that differs.
   */
  async #readAgain(): Promise<void> {
    const { entries, revision } = await this.#store.list("")
    const found = new Map(entries.map((entry) => [entry.key, entry]))
    for (const entry of entries.toSorted((left, right) => left.revision - right.revision)) {
      const table = this.#tableOf(entry.key)
      const previous = table.get(entry.key)
      if (previous?.revision === entry.revision) continue
      const record = new Record(entry.key, entry.value, entry.revision)
      const isSame = previous?.uid === record.uid
      if (previous && !isSame) this.#tell(table, deletion(previous, entry.revision))
      const type = isSame ? "modified" : "added"
      const told = isSame ? previous : undefined
      this.#tell(table, { type, record, previous: told, revision: entry.revision })
    }
    for (const table of this.#tables.values()) {
      for (const record of table.range()) {
        if (!found.has(record.key)) this.#tell(table, deletion(record, revision))
      }
    }
    for (const table of this.#tables.values()) table.forgetUntil(revision)
    this.#startRevision = revision
    this.#advance(revision)
  }

  #tell(table: Table, change: TableChange): void {
    table.apply(change)
    for (const listener of this.#listeners) listener(table, change)
  }

  #take(change: Change): void {
    if (change.revision <= this.#revision) return
    const table = this.#tableOf(change.key)
    const previous = table.get(change.key)
    const told = tableChange(change, previous)
    this.#revision = change.revision
    if (told) this.#tell(table, told)
  }

  #advance(revision: Revision): void {
    if (revision > this.#revision) this.#revision = revision
    const ready = this.#waiters.filter((waiter) => waiter.revision <= this.#revision)
    if (ready.length > 0) {
      this.#waiters = this.#waiters.filter((waiter) => waiter.revision > this.#revision)
      for (const waiter of ready) waiter.resolve()
    }
    for (const listener of this.#progressListeners) listener(this.#revision)
  }

  #tableOf(key: string): Table {
    const second = key.indexOf("/", key.indexOf("/") + 1)
    return this.table(key.slice(0, second + 1))
  }
}

function tableChange(change: Change, previous: Record | undefined): TableChange | undefined {
  const { revision, value } = change
  if (value) {
    const record = new Record(change.key, value, revision)
    return { type: previous ? "modified" : "added", record, previous, revision }
  }
  return previous && deletion(previous, revision)
}

function deletion(record: Record, revision: Revision): TableChange {
  return { type: "deleted", record, previous: record, revision }
}
