import type { Revision } from "#store"
import { LabelIndex } from "./label-index.ts"
import type { Record } from "./record.ts"

/**
 * A committed change of one object. `record` is the state after it, or the last one of a deleted
 * object.
 */
export interface TableChange {
  readonly type: "added" | "modified" | "deleted"
  readonly record: Record
  readonly previous: Record | undefined
  readonly revision: Revision
}

const historyMax = 16_384
const historyMin = 1_024
const historyMaxBytes = 8 * 1024 * 1024

/** Every object of one resource, ordered by key, with the changes of the recent past. */
export class Table {
  readonly prefix: string
  readonly #records = new Map<string, Record>()
  /** Keys in order; undefined until somebody asks. */
  #order: string[] | undefined
  readonly #owned = new Map<string, Set<Record>>()
  readonly #labels = new LabelIndex()
  readonly #listeners = new Set<(change: TableChange) => void>()
  #history: TableChange[] = []
  #historyBytes = 0
  /** History is complete after this revision. */
  #historyStart: Revision
  #lastRevision: Revision

  constructor(prefix: string, historyStart: Revision) {
    this.prefix = prefix
    this.#historyStart = historyStart
    this.#lastRevision = historyStart
  }

  /** No change of this table is newer; may be later than the last one. */
  get lastRevision(): Revision {
    return this.#lastRevision
  }

  get size(): number {
    return this.#records.size
  }

  get(key: string): Record | undefined {
    return this.#records.get(key)
  }

  /** Records whose keys start with `prefix`, from `from` on (inclusive), in key order. */
  *range(prefix: string = this.prefix, from: string = prefix): Generator<Record> {
    const order = this.#keys()
    for (let index = lowerBound(order, from); index < order.length; index += 1) {
      const key = order[index] ?? ""
      if (!key.startsWith(prefix)) return
      const record = this.#records.get(key)
      if (record) yield record
    }
  }

  /** True when some record names the UID as an owner. */
  owns(uid: string): boolean {
    return this.#owned.has(uid)
  }

  ownedBy(uid: string): readonly Record[] {
    return [...(this.#owned.get(uid) ?? [])]
  }

  labelled(label: string, value: string): readonly Record[] {
    return this.#labels.find(label, value, this.#records.values())
  }

  /** Changes after `revision`, or undefined when history does not reach back that far. */
  since(revision: Revision): readonly TableChange[] | undefined {
    if (revision < this.#historyStart) return undefined
    return this.#history.slice(firstAfter(this.#history, revision))
  }

  subscribe(listener: (change: TableChange) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Takes one change in and tells everybody. Only the hub calls this. */
  apply(change: TableChange): void {
    this.put(change.previous, change.type === "deleted" ? undefined : change.record)
    this.#lastRevision = change.revision
    this.#remember(change)
    for (const listener of this.#listeners) listener(change)
  }

  /** History reaches back to `revision` and no further: what was before is not known. */
  forgetUntil(revision: Revision): void {
    this.#history = []
    this.#historyBytes = 0
    this.#historyStart = revision
    this.#lastRevision = Math.max(this.#lastRevision, revision)
  }

  /** Replaces one record without telling anybody; how the hub fills a table at start. */
  put(previous: Record | undefined, next: Record | undefined): void {
    if (previous) this.#forget(previous)
    if (!next) return
    if (!previous) this.#insertKey(next.key)
    this.#records.set(next.key, next)
    this.#labels.add(next)
    for (const uid of next.ownerUids) {
      const owned = this.#owned.get(uid)
      if (owned) owned.add(next)
      else this.#owned.set(uid, new Set([next]))
    }
  }

  #remember(change: TableChange): void {
    this.#history.push(change)
    this.#historyBytes += change.record.bytes.length
    const isTooLong = this.#history.length > historyMax
    const isTooBig = this.#historyBytes > historyMaxBytes && this.#history.length > historyMin
    if (!isTooLong && !isTooBig) return
    const dropped = this.#history.splice(0, Math.ceil(this.#history.length / 4))
    for (const old of dropped) this.#historyBytes -= old.record.bytes.length
    this.#historyStart = dropped.at(-1)?.revision ?? this.#historyStart
  }

  #forget(record: Record): void {
    this.#records.delete(record.key)
    this.#labels.remove(record)
    for (const uid of record.ownerUids) {
      const owned = this.#owned.get(uid)
      owned?.delete(record)
      if (owned?.size === 0) this.#owned.delete(uid)
    }
  }

  /** Keeps the order once somebody has asked for it; a deleted key may still have its place. */
  #insertKey(key: string): void {
    const order = this.#order
    if (!order) return
    const index = lowerBound(order, key)
    if (order[index] !== key) order.splice(index, 0, key)
  }

  /** Sorted keys; may name deleted ones until the next sort. */
  #keys(): readonly string[] {
    if (!this.#order || this.#order.length > this.#records.size * 2 + 64) {
      this.#order = [...this.#records.keys()].sort((left, right) => (left < right ? -1 : 1))
    }
    return this.#order
  }
}

function lowerBound(keys: readonly string[], from: string): number {
  let low = 0
  let high = keys.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((keys[middle] ?? "") < from) low = middle + 1
    else high = middle
  }
  return low
}

function firstAfter(history: readonly TableChange[], revision: Revision): number {
  let low = 0
  let high = history.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((history[middle]?.revision ?? 0) <= revision) low = middle + 1
    else high = middle
  }
  return low
}
