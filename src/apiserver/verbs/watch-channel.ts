import type { ListOptions } from "#meta"
import type { Revision } from "#store"
import type { Call } from "../call.ts"
import type { Record } from "../hub/record.ts"
import type { TableChange } from "../hub/table.ts"
import type { Resource } from "../resource.ts"
import { collectionPrefix, matcherOf } from "./reader.ts"

/**
 * One thing a watcher is told. A deleted object is shown as it last was, with the revision of its
 * removal.
 */
export type WatchItem =
  | {
      readonly type: "ADDED" | "MODIFIED" | "DELETED"
      readonly record: Record
      readonly revision: Revision
    }
  | { readonly type: "BOOKMARK"; readonly revision: Revision; readonly initialEventsEnd: boolean }

/** What is told together. All who watch the same thing are handed the same batch. */
export interface WatchBatch {
  readonly items: readonly WatchItem[]
  /** What its objects weigh as they are stored. */
  readonly bytes: number
}

export type WatchMember = (batch: WatchBatch) => void

/** A batch is closed when it weighs so much, so that it can be sent in one piece. */
const batchBytesMax = 256 * 1024

/**
 * What one collection looks like through one selector, for all who watch it so: each change is
 * looked at once, and what one turn brings makes one batch.
 */
export class WatchChannel {
  readonly #view: ChangeView
  readonly #members = new Set<WatchMember>()
  readonly #unsubscribe: () => void
  #items: WatchItem[] = []
  #bytes = 0

  constructor(call: Call, options: ListOptions) {
    this.#view = changeView(call, options)
    this.#unsubscribe = call.resource.table.subscribe((change) => this.#take(change))
  }

  get isDeserted(): boolean {
    return this.#members.size === 0
  }

  /** The member is told what changes from now on. */
  join(member: WatchMember): void {
    this.flush()
    this.#members.add(member)
  }

  leave(member: WatchMember): void {
    this.#members.delete(member)
    if (this.isDeserted) this.#unsubscribe()
  }

  /** Tells the members everything up to now. */
  flush(): void {
    if (this.#items.length === 0) return
    const batch = { items: this.#items, bytes: this.#bytes }
    this.#items = []
    this.#bytes = 0
    for (const member of this.#members) member(batch)
  }

  #take(change: TableChange): void {
    const item = this.#view(change)
    if (!item) return
    if (this.#items.length === 0) queueMicrotask(() => this.flush())
    this.#items.push(item)
    this.#bytes += change.record.bytes.length
    if (this.#bytes > batchBytesMax) this.flush()
  }
}

/** The channels that somebody listens to. */
export class WatchChannels {
  readonly #channels = new Map<Resource, Map<string, WatchChannel>>()

  /** Joins the channel of a collection and selector. Errors: `BadRequest` for the selector. */
  join(call: Call, options: ListOptions, member: WatchMember): WatchChannel {
    const key = channelKey(call, options)
    const channels = this.#channels.get(call.resource) ?? new Map<string, WatchChannel>()
    const channel = channels.get(key) ?? new WatchChannel(call, options)
    channel.join(member)
    channels.set(key, channel)
    this.#channels.set(call.resource, channels)
    return channel
  }

  leave(call: Call, options: ListOptions, member: WatchMember): void {
    const key = channelKey(call, options)
    const channels = this.#channels.get(call.resource)
    const channel = channels?.get(key)
    channel?.leave(member)
    if (!channel?.isDeserted) return
    channels?.delete(key)
    if (channels?.size === 0) this.#channels.delete(call.resource)
  }
}

function channelKey(call: Call, { labelSelector, fieldSelector }: ListOptions): string {
  return JSON.stringify([collectionPrefix(call), labelSelector, fieldSelector])
}

/** What a change is to those who look through a selector; undefined when they see nothing of it. */
export type ChangeView = (change: TableChange) => WatchItem | undefined

/** Objects can enter and leave what a selector shows without being written anew. */
export function changeView(call: Call, options: ListOptions): ChangeView {
  const prefix = collectionPrefix(call)
  const matches = matcherOf(call, options)
  return ({ type, record, previous, revision }) => {
    if (!record.key.startsWith(prefix)) return undefined
    const was = previous !== undefined && matches(previous)
    const is = type !== "deleted" && matches(record)
    if (is) return { type: was ? "MODIFIED" : "ADDED", record, revision }
    return was && previous ? { type: "DELETED", record: previous, revision } : undefined
  }
}

/** Cuts what is told to one watcher only into batches that can be sent in one piece each. */
export function* batchesOf(items: readonly WatchItem[]): Generator<WatchBatch> {
  let batch: WatchItem[] = []
  let bytes = 0
  for (const item of items) {
    batch.push(item)
    if (item.type !== "BOOKMARK") bytes += item.record.bytes.length
    if (bytes <= batchBytesMax) continue
    yield { items: batch, bytes }
    batch = []
    bytes = 0
  }
  if (batch.length > 0) yield { items: batch, bytes }
}
