import type { DatabaseSync } from "node:sqlite"
import { crc32 } from "node:zlib"

import { CompactedError, RevisionConflictError, StoreError } from "./errors.ts"
import { isFlushFailure, isFull, storeErrorOf } from "./sqlite-errors.ts"
import type { PackableEntry, PageRequest } from "./sqlite-protocol.ts"
import { type DatabaseOptions, openDatabase, openForReading } from "./sqlite-schema.ts"
import { prepareStatements } from "./sqlite-statements.ts"
import type { Change, Entry, Revision } from "./store.ts"

export interface Write {
  readonly key: string
  /** Undefined for a delete. */
  readonly value: Uint8Array | undefined
  readonly expected: Revision
}

export type WriteOutcome =
  | { readonly revision: Revision; readonly previous: Entry | undefined }
  | { readonly error: StoreError }

export interface EntryPage {
  readonly entries: readonly Entry[]
  readonly revision: Revision
  readonly count: number | undefined
  readonly more: boolean
}

/** A history row: key, value, create revision, revision, previous revision, checksum. */
type Row = readonly [string, Uint8Array | null, number, number, number, number]

const firstRevision = 1
const pageBytes = 1024 * 1024
const pageEntries = 1000
const purgeSlice = 1000

/** After every text there is: a blob sorts after any of them. */
const afterAllKeys = new Uint8Array(0)

/**
 * The data file and everything that is done to it, in one thread and without waiting for anybody.
 */
export class SqliteDatabase {
  readonly #file: string
  readonly #database: DatabaseSync
  readonly #sql: ReturnType<typeof prepareStatements>
  readonly #pins = new Map<number, Revision>()
  #newest: Revision
  #compacted: Revision
  #purged: Revision
  #broken: StoreError | undefined

  private constructor(file: string, database: DatabaseSync) {
    this.#file = file
    this.#database = database
    this.#sql = prepareStatements(this.#database)
    this.#compacted = this.#meta("compacted")
    this.#purged = this.#meta("purged")
    const [highest] = this.#sql.highest.get() as unknown as [number | null]
    this.#newest = Math.max(firstRevision, this.#compacted, highest ?? 0)
  }

  /** Creates the file when there is none. Errors: `StoreError`. */
  static open(options: DatabaseOptions): SqliteDatabase {
    return new SqliteDatabase(options.file, openDatabase(options))
  }

  /** What is in the file now, for reading only, while others may write. Errors: `StoreError`. */
  static openForReading(file: string): SqliteDatabase {
    return new SqliteDatabase(file, openForReading(file))
  }

  get newest(): Revision {
    return this.#newest
  }

  /** Does the writes in one transaction, flushed once; each succeeds or fails by itself. */
  commit(writes: readonly Write[]): WriteOutcome[] {
    const before = this.#newest
    try {
      this.#checkSound()
      return this.#transact(() => writes.map((write) => this.#apply(write)))
    } catch (error) {
      this.#newest = before
      if (writes.length > 1 && isFull(error)) return writes.flatMap((write) => this.commit([write]))
      const failure = storeErrorOf("write", this.#file, error)
      return writes.map(() => ({ error: failure }))
    }
  }

  get(key: string): Entry | undefined {
    const row = this.#newestRow(key)
    return row === undefined ? undefined : entryOf(row)
  }

  /**
   * One page of a list. The first one fixes the revision and pins it; the last one lets go of it.
   */
  list(request: PageRequest): EntryPage {
    const { start, end = afterAllKeys, limit, counted, pin } = request
    const revision = request.atRevision ?? this.#newest
    if (!this.#pins.has(pin)) this.#checkReadable(revision)
    const count = counted ? this.#sql.count.get(start, end, revision) : undefined
    const wanted = Math.min(limit, pageEntries)
    const entries: Entry[] = []
    let more = false
    let bytes = 0
    for (const row of this.#sql.list.iterate(start, end, revision, wanted + 1)) {
      more = entries.length >= wanted || bytes >= pageBytes
      if (more) break
      const entry = entryOf(this.#verify(row as unknown as Row)) as Entry
      entries.push(entry)
      bytes += entry.value.length
    }
    if (more && entries.length < limit) this.#pins.set(pin, revision)
    else this.#pins.delete(pin)
    return { entries, revision, more, count: count && (count as unknown as [number])[0] }
  }

  unpin(pin: number): void {
    this.#pins.delete(pin)
  }

  /** The changes after a revision, as many as fit a page. */
  history(after: Revision, limit: number): { changes: Change[]; progress: Revision } {
    if (after < this.#compacted) throw new CompactedError(after, this.#compacted)
    const changes: Change[] = []
    let bytes = 0
    for (const row of this.#sql.history.iterate(after, limit)) {
      const columns = row as unknown as unknown[]
      const [key, value, , revision] = this.#verify(columns.slice(0, 6) as unknown as Row)
      const before = columns.slice(6) as unknown as Row
      const previous = typeof before[0] === "string" ? entryOf(this.#verify(before)) : undefined
      const type = value === null ? "delete" : "put"
      changes.push({ type, key, revision, value: value ?? undefined, previous })
      bytes += (value?.length ?? 0) + (previous?.value.length ?? 0)
      if (bytes >= pageBytes) return { changes, progress: revision }
    }
    const last = changes.length < limit ? undefined : changes.at(-1)
    return { changes, progress: last?.revision ?? Math.max(after, this.#newest) }
  }

  /**
   * From now on nothing at or before the revision is history; the rows go in slices, by `purge`.
   */
  compact(revision: Revision): void {
    if (revision > this.#newest) {
      throw new StoreError(`compact revision ${revision}: the newest is ${this.#newest}`)
    }
    if (revision <= this.#compacted) return
    this.#transact(() => this.#sql.setMeta.run(revision, "compacted"))
    this.#compacted = revision
  }

  /** Removes some of the rows that nobody can ask for any more. False when none is left. */
  purge(): boolean {
    const target = Math.min(this.#compacted, ...this.#pins.values())
    if (this.#purged >= target) return false
    const rows = this.#sql.forgotten.all(this.#purged, target, purgeSlice)
    const done = rows as unknown as [number, number, number][]
    const last = done.length < purgeSlice ? target : (done.at(-1)?.[0] ?? target)
    this.#transact(() => {
      for (const [revision, previous, isRemoval] of done) {
        if (previous > 0) this.#sql.remove.run(previous)
        if (isRemoval === 1) this.#sql.remove.run(revision)
      }
      this.#sql.setMeta.run(last, "purged")
    })
    this.#purged = last
    return last < target
  }

  /** Takes entries of another store as they are, revisions included. */
  import(entries: readonly PackableEntry[]): void {
    this.#transact(() => {
      for (const entry of entries) this.#insert(entry, 0)
    })
  }

  /** Continues at the revision, with no history before it. */
  jump(revision: Revision): void {
    const [highest] = this.#sql.highest.get() as unknown as [number | null]
    if ((highest ?? 0) > revision) {
      throw new StoreError(`restore ${this.#file}: an entry is newer than the snapshot`)
    }
    this.#transact(() => {
      this.#sql.setMeta.run(revision, "compacted")
      this.#sql.setMeta.run(revision, "purged")
    })
    this.#newest = this.#compacted = this.#purged = revision
  }

  close(): void {
    this.#database.close()
  }

  #apply({ key, value, expected }: Write): WriteOutcome {
    let row: Row | undefined
    try {
      row = this.#newestRow(key)
    } catch (error) {
      if (error instanceof StoreError) return { error }
      throw error
    }
    const previous = row && entryOf(row)
    const isAbsentDelete = value === undefined && previous === undefined
    if (isAbsentDelete || (previous?.revision ?? 0) !== expected) {
      return { error: new RevisionConflictError(key, previous) }
    }
    const revision = this.#newest + 1
    const createRevision = previous?.createRevision ?? revision
    this.#insert({ key, value, createRevision, revision }, expected)
    this.#newest = revision
    return { revision, previous }
  }

  #insert({ key, value, createRevision, revision }: PackableEntry, previous: Revision): void {
    const columns: Row = [key, value ?? null, createRevision, revision, previous, 0]
    this.#sql.insert.run(revision, key, createRevision, previous, checksumOf(columns), columns[1])
  }

  #newestRow(key: string): Row | undefined {
    const row = this.#sql.newest.get(key)
    return row === undefined ? undefined : this.#verify(row as unknown as Row)
  }

  #verify(row: Row): Row {
    if (checksumOf(row) === row[5]) return row
    throw new StoreError(
      `read ${this.#file}: it is damaged (revision ${row[3]} of ${row[0]} has a wrong checksum)`,
    )
  }

  #checkReadable(revision: Revision): void {
    if (revision < this.#compacted) throw new CompactedError(revision, this.#compacted)
    if (revision > this.#newest) {
      throw new StoreError(`read revision ${revision}: the newest is ${this.#newest}`)
    }
  }

  #transact<T>(work: () => T): T {
    try {
      this.#database.exec("BEGIN IMMEDIATE")
      const result = work()
      this.#database.exec("COMMIT")
      return result
    } catch (error) {
      if (isFlushFailure(error)) this.#broken = storeErrorOf("flush", this.#file, error)
      if (this.#database.isTransaction) this.#database.exec("ROLLBACK")
      throw error
    }
  }

  /**
   * A flush that failed may have lost what the next one would call safe: only opening anew helps.
   */
  #checkSound(): void {
    if (this.#broken === undefined) return
    throw new StoreError(`write ${this.#file}: a flush failed before`, { cause: this.#broken })
  }

  #meta(name: string): number {
    return (this.#sql.meta.get(name) as unknown as [number])[0]
  }
}

/** Undefined for the trace of a removal. */
function entryOf([key, value, createRevision, revision]: Row): Entry | undefined {
  return value === null ? undefined : { key, value, createRevision, revision }
}

/** SQLite notices damage to its own structure, not to our bytes in it. */
function checksumOf([key, value, createRevision, revision, previous]: Row): number {
  const head = crc32(`${revision} ${createRevision} ${previous} ${value === null} ${key}`)
  return value === null ? head : crc32(value, head)
}
