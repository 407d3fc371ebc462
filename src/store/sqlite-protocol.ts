import type { WireError } from "./sqlite-errors.ts"
import type { Entry, Revision } from "./store.ts"

/**
 * What the two threads of the sqlite driver say to each other. Values travel packed in one buffer
 * that is handed over, not copied; writes are answered in the order they were sent.
 */
export interface WorkerOptions {
  readonly file: string
  readonly synchronous: Synchronous
}

/** `full` flushes every write to the disk before it is acknowledged; `off` never does. */
export type Synchronous = "full" | "off"

/** All that the main thread has to say in one turn. Writes come first. */
export interface Inbound {
  /** Whether commits carry what a watch needs. */
  readonly feeds: boolean
  readonly writes: PackedWrites | undefined
  readonly requests: readonly NumberedRequest[]
}

export interface PackedWrites {
  readonly keys: readonly string[]
  readonly expected: readonly Revision[]
  /** -1 for a delete. */
  readonly lengths: readonly number[]
  readonly values: Uint8Array<ArrayBuffer>
}

export interface NumberedRequest {
  readonly id: number
  readonly request: Request
}

export type Request =
  | { readonly op: "get"; readonly key: string }
  | ({ readonly op: "list" } & PageRequest)
  | { readonly op: "history"; readonly after: Revision; readonly limit: number }
  | { readonly op: "revision" }
  | { readonly op: "compact"; readonly revision: Revision }
  /** Removes one slice of what is forgotten; answers whether more is left. */
  | { readonly op: "purge" }
  | { readonly op: "unpin"; readonly pin: number }
  | { readonly op: "import"; readonly entries: PackedEntries }
  | { readonly op: "jump"; readonly revision: Revision }
  | { readonly op: "close" }

/** What each request is answered with. */
export interface Results {
  readonly get: Entry | undefined
  readonly list: Page
  readonly history: PackedHistory
  readonly revision: Revision
  readonly compact: undefined
  readonly purge: boolean
  readonly unpin: undefined
  readonly import: undefined
  readonly jump: undefined
  readonly close: undefined
}

export interface PageRequest {
  readonly start: string
  readonly end: string | undefined
  readonly limit: number
  readonly atRevision: Revision | undefined
  readonly counted: boolean
  /** Keeps what this list reads safe from purges until its last page. */
  readonly pin: number
}

export interface Page {
  readonly entries: PackedEntries
  readonly revision: Revision
  /** Undefined when it was not asked for. */
  readonly count: number | undefined
  /** The list goes on after the last entry. */
  readonly more: boolean
}

export interface PackedEntries {
  readonly keys: readonly string[]
  readonly createRevisions: readonly Revision[]
  readonly revisions: readonly Revision[]
  readonly lengths: readonly number[]
  readonly values: Uint8Array<ArrayBuffer>
}

export interface PackedHistory {
  /** The changes; a delete has length -1 in `lengths`. */
  readonly entries: PackedEntries
  /** Positions of the changes that had an entry before, and those entries. */
  readonly previousOf: readonly number[]
  readonly previous: PackedEntries
  readonly progress: Revision
}

export type Outbound = Opened | OpenFailed | Committed | Answers

interface Opened {
  readonly type: "opened"
  readonly newest: Revision
}

interface OpenFailed {
  readonly type: "failed"
  readonly error: WireError
}

/** The outcome of the oldest unanswered writes, after the flush. */
export interface Committed {
  readonly type: "committed"
  /** One per write; 0 for one that failed. */
  readonly revisions: readonly Revision[]
  readonly failures: readonly { readonly index: number; readonly error: WireError }[]
  readonly newest: Revision
  /** Present when the feed is on. */
  readonly previousOf: readonly number[] | undefined
  readonly previous: PackedEntries | undefined
}

export interface Answers {
  readonly type: "answers"
  readonly answers: readonly Answer[]
}

export interface Answer {
  readonly id: number
  readonly result?: Results[Request["op"]]
  readonly error?: WireError | undefined
}

/** An entry, or the trace of a removal, which has no value. */
export interface PackableEntry extends Omit<Entry, "value"> {
  readonly value: Uint8Array | undefined
}

export function packValues(values: readonly (Uint8Array | undefined)[]): {
  readonly lengths: number[]
  readonly values: Uint8Array<ArrayBuffer>
} {
  const lengths = values.map((value) => value?.length ?? -1)
  const packed = new Uint8Array(lengths.reduce((sum, length) => sum + Math.max(length, 0), 0))
  let offset = 0
  for (const value of values) {
    if (value === undefined) continue
    packed.set(value, offset)
    offset += value.length
  }
  return { lengths, values: packed }
}

export function unpackValues(packed: {
  readonly lengths: readonly number[]
  readonly values: Uint8Array
}): (Uint8Array | undefined)[] {
  let offset = 0
  return packed.lengths.map((length) => {
    if (length < 0) return undefined
    offset += length
    return packed.values.subarray(offset - length, offset)
  })
}

export function packEntries(entries: readonly PackableEntry[]): PackedEntries {
  return {
    keys: entries.map((entry) => entry.key),
    createRevisions: entries.map((entry) => entry.createRevision),
    revisions: entries.map((entry) => entry.revision),
    ...packValues(entries.map((entry) => entry.value)),
  }
}

export function unpackAny(packed: PackedEntries): PackableEntry[] {
  const values = unpackValues(packed)
  return packed.keys.map((key, index) => ({
    key,
    value: values[index],
    createRevision: packed.createRevisions[index] as Revision,
    revision: packed.revisions[index] as Revision,
  }))
}

/** For packs that hold no removals. */
export function unpackEntries(packed: PackedEntries): Entry[] {
  return unpackAny(packed) as Entry[]
}
