import { type Clock, messageOf } from "#base"
import { ApiError, type ApiObject, type VersionResolver, type WatchOptions } from "#meta"
import type { Revision } from "#store"
import type { Call } from "../call.ts"
import { fromStorage } from "../conversion.ts"
import type { Hub } from "../hub/hub.ts"
import type { Record } from "../hub/record.ts"
import type { Resource } from "../resource.ts"
import { candidates, matcherOf, parseRevision } from "./reader.ts"
import {
  batchesOf,
  changeView,
  type WatchBatch,
  type WatchChannels,
  type WatchItem,
} from "./watch-channel.ts"

export interface WatcherOptions {
  readonly hub: Hub
  readonly channels: WatchChannels
  readonly clock: Clock
  /** Waits a little until the hub has come to a revision. Errors: `Timeout`. */
  readonly reach: (revision: Revision) => Promise<void>
}

const bookmarkEveryMs = 60_000
const queuedBytesMax = 16 * 1024 * 1024

/**
 * Follows one collection. Iterate it once; each turn yields what is to be sent together. It ends
 * when it is told to, or early (`overflow`) when the reader is so slow that its queue outgrows its
 * limit: clients then watch again from their last revision.
 */
export class Watch implements AsyncIterable<WatchBatch> {
  readonly #call: Call
  readonly #hub: Hub
  readonly #channels: WatchChannels
  readonly #clock: Clock
  readonly #reach: WatcherOptions["reach"]
  readonly #options: WatchOptions
  readonly #overflow = new AbortController()
  readonly #from: Revision
  readonly #startsFresh: boolean
  #queue: WatchBatch[] = []
  #queuedBytes = 0
  #wake: (() => void) | undefined
  #ended = false
  #told: Revision

  /** Errors: `BadRequest`, `Expired` when history does not reach back to `resourceVersion`. */
  constructor(call: Call, options: WatchOptions, watcher: WatcherOptions) {
    this.#call = call
    this.#options = options
    this.#reach = watcher.reach
    this.#hub = watcher.hub
    this.#channels = watcher.channels
    this.#clock = watcher.clock
    const from = parseRevision(options.resourceVersion)
    this.#startsFresh = options.sendInitialEvents ?? from === 0
    this.#from = from === 0 && !this.#startsFresh ? this.#hub.revision : from
    this.#told = this.#from
    if (this.#startsFresh) matcherOf(call, options)
    else this.#missed()
  }

  /**
   * Aborts when the reader was so slow that it will not be told everything: its stream must break.
   */
  get overflow(): AbortSignal {
    return this.#overflow.signal
  }

  /**
   * Waits until the state that a fresh watch begins with is as new as the client asks for. Errors:
   * `Timeout`.
   */
  async prepare(): Promise<void> {
    if (this.#startsFresh) await this.#reach(this.#from)
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<WatchBatch> {
    await this.prepare()
    const initial = this.#startsFresh ? this.#currentState() : this.#missed()
    this.#told = Math.max(this.#hub.revision, this.#from)
    const member = (batch: WatchBatch): void => this.#take(batch)
    const channel = this.#channels.join(this.#call, this.#options, member)
    const mark = (): void => {
      channel.flush()
      this.#mark()
      timer = this.#clock.after(bookmarkEveryMs, mark)
    }
    let timer = this.#clock.after(bookmarkEveryMs, mark)
    try {
      yield* batchesOf(initial)
      while (!this.#ended) {
        if (this.#queue.length === 0) await this.#gathered()
        const batches = this.#queue
        this.#queue = []
        this.#queuedBytes = 0
        yield* batches
      }
    } finally {
      timer.cancel()
      this.#channels.leave(this.#call, this.#options, member)
      this.end()
    }
  }

  /** Ends the iteration after what has been gathered. */
  end(): void {
    this.#ended = true
    this.#wake?.()
  }

  #gathered(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve
      if (this.#ended) resolve()
    })
  }

  #currentState(): readonly WatchItem[] {
    const matches = matcherOf(this.#call, this.#options)
    const items: WatchItem[] = []
    for (const record of candidates(this.#call, this.#options)) {
      if (matches(record)) items.push({ type: "ADDED", record, revision: record.revision })
    }
    if (this.#options.allowBookmarks) {
      items.push({ type: "BOOKMARK", revision: this.#hub.revision, initialEventsEnd: true })
    }
    return items
  }

  #missed(): readonly WatchItem[] {
    const from = this.#from
    const view = changeView(this.#call, this.#options)
    const changes = this.#call.resource.table.since(from)
    if (!changes) {
      throw new ApiError(
        410,
        "Expired",
        `too old resource version: ${from} (${this.#hub.revision})`,
      )
    }
    return changes.flatMap((change) => view(change) ?? [])
  }

  #take(batch: WatchBatch): void {
    if (this.#ended) return
    const [first] = batch.items
    const isLater = ({ revision }: WatchItem): boolean => revision > this.#told
    if (first && first.revision > this.#told) this.#push(batch)
    else for (const later of batchesOf(batch.items.filter(isLater))) this.#push(later)
    if (this.#queuedBytes <= queuedBytesMax) return
    this.#queue = []
    this.#overflow.abort(new Error("watch: the client reads too slowly"))
    this.end()
  }

  /** What is still to be told says where the watch is as well as a bookmark would. */
  #mark(): void {
    if (!this.#options.allowBookmarks || this.#queue.length > 0) return
    const bookmark = { type: "BOOKMARK", initialEventsEnd: false } as const
    this.#push({ items: [{ ...bookmark, revision: this.#hub.revision }], bytes: 0 })
  }

  #push(batch: WatchBatch): void {
    this.#queue.push(batch)
    this.#queuedBytes += batch.bytes
    this.#wake?.()
  }
}

/** The object of an item, in the version of the resource. */
export function itemObject(
  resource: Resource,
  item: { readonly record: Record; readonly revision: Revision },
  resolve: VersionResolver,
): ApiObject {
  const object = fromStorage(resource, item.record.object, resolve)
  if (item.record.revision === item.revision) return object
  return { ...object, metadata: { ...object.metadata, resourceVersion: String(item.revision) } }
}

/** What a broken watch sends last. */
export function watchError(error: unknown): ApiError {
  return error instanceof ApiError
    ? error
    : new ApiError(500, "InternalError", `watch failed: ${messageOf(error)}`)
}
