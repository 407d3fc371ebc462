import { type Clock, messageOf } from "#base"
import { ApiError, type ApiObject, type VersionResolver, type WatchOptions } from "#meta"
import type { Revision } from "#store"
import type { Call } from "../call.ts"
import { fromStorage } from "../conversion.ts"
import type { Hub } from "../hub/hub.ts"
import type { Record } from "../hub/record.ts"
import type { TableChange } from "../hub/table.ts"
import type { Resource } from "../resource.ts"
import { candidates, collectionPrefix, matcherOf, parseRevision } from "./reader.ts"

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

export interface WatcherOptions {
  readonly hub: Hub
  readonly clock: Clock
  /** Waits a little until the hub has come to a revision. Errors: `Timeout`. */
  readonly reach: (revision: Revision) => Promise<void>
}

const bookmarkEveryMs = 60_000
const queuedBytesMax = 16 * 1024 * 1024

/**
 * Follows one collection. Iterate it once; each turn yields all that has gathered. It ends when it
 * is told to, or early (`overflow`) when the reader is so slow that its queue outgrows its limit:
 * clients then watch again from their last revision.
 */
export class Watch implements AsyncIterable<readonly WatchItem[]> {
  readonly #call: Call
  readonly #prefix: string
  readonly #matches: (record: Record) => boolean
  readonly #hub: Hub
  readonly #clock: Clock
  readonly #reach: WatcherOptions["reach"]
  readonly #options: WatchOptions
  readonly #overflow = new AbortController()
  readonly #from: Revision
  readonly #startsFresh: boolean
  readonly #bookmarks: boolean
  #queue: WatchItem[] = []
  #queuedBytes = 0
  #wake: (() => void) | undefined
  #ended = false
  #told: Revision

  /** Errors: `BadRequest`, `Expired` when history does not reach back to `resourceVersion`. */
  constructor(call: Call, options: WatchOptions, { hub, clock, reach }: WatcherOptions) {
    this.#call = call
    this.#options = options
    this.#reach = reach
    this.#hub = hub
    this.#clock = clock
    this.#prefix = collectionPrefix(call)
    this.#matches = matcherOf(call, options)
    this.#bookmarks = options.allowBookmarks === true
    const from = parseRevision(options.resourceVersion)
    this.#startsFresh = options.sendInitialEvents ?? from === 0
    this.#from = from === 0 && !this.#startsFresh ? hub.revision : from
    this.#told = this.#from
    if (!this.#startsFresh) this.#missed()
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

  async *[Symbol.asyncIterator](): AsyncGenerator<readonly WatchItem[]> {
    await this.prepare()
    const initial = this.#startsFresh ? this.#currentState() : this.#missed()
    this.#told = Math.max(this.#hub.revision, this.#from)
    const unsubscribe = this.#call.resource.table.subscribe((change) => this.#take(change))
    let timer = this.#clock.after(bookmarkEveryMs, () => this.#mark())
    const rearm = (): void => {
      timer.cancel()
      timer = this.#clock.after(bookmarkEveryMs, () => this.#mark())
    }
    try {
      if (initial.length > 0) yield initial
      while (!this.#ended) {
        if (this.#queue.length === 0) await this.#gathered()
        const items = this.#queue
        this.#queue = []
        this.#queuedBytes = 0
        if (items.length === 0) continue
        if (items.some((item) => item.type === "BOOKMARK")) rearm()
        yield items
      }
    } finally {
      timer.cancel()
      unsubscribe()
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
    const items: WatchItem[] = []
    for (const record of candidates(this.#call, this.#options)) {
      if (this.#matches(record)) items.push({ type: "ADDED", record, revision: record.revision })
    }
    if (this.#bookmarks) {
      items.push({ type: "BOOKMARK", revision: this.#hub.revision, initialEventsEnd: true })
    }
    return items
  }

  #missed(): readonly WatchItem[] {
    const from = this.#from
    const changes = this.#call.resource.table.since(from)
    if (!changes) {
      throw new ApiError(
        410,
        "Expired",
        `too old resource version: ${from} (${this.#hub.revision})`,
      )
    }
    return changes.flatMap((change) => this.#itemOf(change) ?? [])
  }

  #take(change: TableChange): void {
    if (this.#ended || change.revision <= this.#told) return
    const item = this.#itemOf(change)
    if (!item) return
    this.#push(item)
    this.#queuedBytes += change.record.bytes.length
    if (this.#queuedBytes <= queuedBytesMax) return
    this.#queue = []
    this.#overflow.abort(new Error("watch: the client reads too slowly"))
    this.end()
  }

  #mark(): void {
    if (!this.#bookmarks) return
    this.#push({ type: "BOOKMARK", revision: this.#hub.revision, initialEventsEnd: false })
  }

  #push(item: WatchItem): void {
    this.#queue.push(item)
    this.#wake?.()
  }

  /**
   * How the change looks through the selector: objects can enter and leave without being written
   * anew.
   */
  #itemOf(change: TableChange): WatchItem | undefined {
    if (!change.record.key.startsWith(this.#prefix)) return undefined
    const { record, previous, revision } = change
    const was = previous !== undefined && this.#matches(previous)
    const is = change.type !== "deleted" && this.#matches(record)
    if (is) return { type: was ? "MODIFIED" : "ADDED", record, revision }
    return was && previous ? { type: "DELETED", record: previous, revision } : undefined
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
