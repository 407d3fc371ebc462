import { StoreError } from "./errors.ts"
import type { Change, Revision, WatchBatch } from "./store.ts"

/** At most so many changes are handed to a watch at once. */
export const batchLimit = 1000

export interface FeedOptions {
  readonly newest: Revision
  /** The feed has everything after this revision. */
  readonly floor: Revision
  /**
   * Beyond so many bytes of values the oldest changes are let go; a watch that needs them looks
   * `behind`.
   */
  readonly limitBytes?: number | undefined
  /**
   * The changes after a revision that the feed no longer has; `CompactedError` when nobody has
   * them.
   */
  behind(after: Revision): Promise<WatchBatch>
}

/**
 * The changes of a store in revision order, and the watches that follow them. A watch is a cursor
 * and buffers nothing: a slow one costs the others nothing, and at worst has to look behind the
 * feed.
 */
export class Feed {
  readonly #options: FeedOptions
  readonly #watches = new Set<FeedWatch>()
  #changes: Change[] = []
  #bytes = 0
  #floor: Revision
  #newest: Revision
  #failure: StoreError | undefined

  constructor(options: FeedOptions) {
    this.#options = options
    this.#floor = options.floor
    this.#newest = options.newest
  }

  /** Everything after this revision is here. */
  get floor(): Revision {
    return this.#floor
  }

  get newest(): Revision {
    return this.#newest
  }

  get watched(): boolean {
    return this.#watches.size > 0
  }

  /** Takes changes that are durable, and hands them to whoever waits. */
  append(changes: readonly Change[]): void {
    for (const change of changes) {
      this.#changes.push(change)
      this.#bytes += sizeOf(change)
      this.#newest = change.revision
    }
    const limitBytes = this.#options.limitBytes ?? Number.POSITIVE_INFINITY
    for (const watch of this.#watches) watch.wake()
    if (this.#bytes > limitBytes) this.#shrink(limitBytes)
  }

  /** Passes over changes that the feed was not given: whoever needs them has to look behind. */
  skip(revision: Revision): void {
    this.forget(revision)
    for (const watch of this.#watches) watch.wake()
  }

  /** Lets go of the changes up to and including the revision. */
  forget(revision: Revision): void {
    if (revision <= this.#floor) return
    this.#newest = Math.max(this.#newest, revision)
    const dropped = this.#changes.splice(0, this.#indexAfter(revision))
    this.#bytes = this.#changes.length === 0 ? 0 : this.#bytes - totalOf(dropped)
    this.#floor = revision
  }

  /**
   * Up to here every watch has been handed everything; the newest revision when there is no watch.
   */
  slowest(): Revision {
    let slowest = this.#newest
    for (const watch of this.#watches) slowest = Math.min(slowest, watch.cursor)
    return slowest
  }

  /** The changes after the revision, which must not lie before the floor. */
  after(revision: Revision, limit = Number.POSITIVE_INFINITY): Change[] {
    const first = this.#indexAfter(revision)
    return this.#changes.slice(first, first + limit)
  }

  behind(revision: Revision): Promise<WatchBatch> {
    return this.#options.behind(revision)
  }

  watch(prefix: string, from: Revision, signal: AbortSignal): FeedWatch {
    const watch = new FeedWatch(this, { prefix, from, signal }, () => this.#watches.delete(watch))
    this.#watches.add(watch)
    if (this.#failure !== undefined) watch.fail(this.#failure)
    else if (signal.aborted) watch.end()
    return watch
  }

  /** Ends every watch, also those to come, with the error. */
  fail(error: StoreError): void {
    this.#failure ??= error
    for (const watch of this.#watches) watch.fail(this.#failure)
  }

  #shrink(limitBytes: number): void {
    let last: Revision | undefined
    let bytes = this.#bytes
    for (const change of this.#changes) {
      if (bytes <= limitBytes) break
      bytes -= sizeOf(change)
      last = change.revision
    }
    if (last !== undefined) this.forget(last)
  }

  #indexAfter(revision: Revision): number {
    let low = 0
    let high = this.#changes.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#changes[middle] as Change).revision <= revision) low = middle + 1
      else high = middle
    }
    return low
  }
}

interface WatchRequest {
  readonly prefix: string
  readonly from: Revision
  readonly signal: AbortSignal
}

/**
 * One watch of a feed. Written as an iterator by hand, so that `next` resolves in the turn of the
 * write.
 */
export class FeedWatch implements AsyncIterableIterator<WatchBatch, undefined> {
  /** Everything up to here has been handed over. */
  cursor: Revision
  readonly #feed: Feed
  readonly #request: WatchRequest
  readonly #onEnd: () => void
  #waiting: PromiseWithResolvers<IteratorResult<WatchBatch, undefined>> | undefined
  #busy = false
  #ended = false
  #failure: StoreError | undefined
  readonly #abort = (): void => this.end()

  constructor(feed: Feed, request: WatchRequest, onEnd: () => void) {
    this.cursor = request.from
    this.#feed = feed
    this.#request = request
    this.#onEnd = onEnd
    request.signal.addEventListener("abort", this.#abort, { once: true })
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  next(): Promise<IteratorResult<WatchBatch, undefined>> {
    if (this.#busy || this.#waiting !== undefined) {
      return Promise.reject(new StoreError("read watch: the batch before is still awaited"))
    }
    if (this.#ended) return this.#last()
    if (this.cursor < this.#feed.floor) return this.#lookBehind()
    if (this.cursor < this.#feed.newest) {
      return Promise.resolve({ done: false, value: this.#take() })
    }
    this.#waiting = Promise.withResolvers()
    return this.#waiting.promise
  }

  return(): Promise<IteratorResult<WatchBatch, undefined>> {
    this.end()
    return Promise.resolve({ done: true, value: undefined })
  }

  /** The feed has something new. */
  wake(): void {
    if (this.#waiting === undefined || this.cursor >= this.#feed.newest) return
    const { resolve, reject } = this.#waiting
    this.#waiting = undefined
    if (this.cursor < this.#feed.floor) this.#lookBehind().then(resolve, reject)
    else resolve({ done: false, value: this.#take() })
  }

  end(): void {
    this.#ended = true
    this.#request.signal.removeEventListener("abort", this.#abort)
    this.#onEnd()
    this.#waiting?.resolve({ done: true, value: undefined })
    this.#waiting = undefined
  }

  fail(error: StoreError): void {
    if (this.#ended) return
    const waiting = this.#waiting
    this.#waiting = undefined
    this.end()
    if (waiting === undefined) this.#failure = error
    else waiting.reject(error)
  }

  /** What an ended watch answers: its failure once, and then that it is over. */
  #last(): Promise<IteratorResult<WatchBatch, undefined>> {
    const failure = this.#failure
    this.#failure = undefined
    if (failure !== undefined) return Promise.reject(failure)
    return Promise.resolve({ done: true, value: undefined })
  }

  #take(): WatchBatch {
    const changes = this.#feed.after(this.cursor, batchLimit)
    this.cursor =
      changes.length < batchLimit ? this.#feed.newest : (changes.at(-1) as Change).revision
    return this.#ofPrefix({ changes, progress: this.cursor })
  }

  async #lookBehind(): Promise<IteratorResult<WatchBatch, undefined>> {
    this.#busy = true
    try {
      const batch = await this.#feed.behind(this.cursor)
      if (this.#ended) return this.#last()
      this.cursor = Math.max(this.cursor, batch.progress)
      return { done: false, value: this.#ofPrefix(batch) }
    } catch (error) {
      if (this.#ended) return this.#last()
      this.end()
      throw error
    } finally {
      this.#busy = false
    }
  }

  #ofPrefix(batch: WatchBatch): WatchBatch {
    const { prefix } = this.#request
    if (prefix === "") return batch
    const changes = batch.changes.filter((change) => change.key.startsWith(prefix))
    return { changes, progress: batch.progress }
  }
}

function sizeOf(change: Change): number {
  return (change.value?.length ?? 0) + (change.previous?.value.length ?? 0) + 256
}

function totalOf(changes: readonly Change[]): number {
  return changes.reduce((total, change) => total + sizeOf(change), 0)
}
