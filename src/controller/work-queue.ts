import { DueHeap } from "./due-heap.ts"

export interface WorkQueueOptions {
  /** The delay after a first failure in milliseconds; it doubles with every further one. */
  readonly firstRetryMs: number
  readonly lastRetryMs: number
}

/**
 * Events come before what a start found: a user's change must not wait for ten thousand old
 * objects.
 */
export type Priority = "event" | "sweep"

/**
 * Which key is worked on next: each key once, never twice at a time, in order of arrival, failures
 * later and later. Holds no timer: the time is an argument, `nextDueMs` says when to ask again.
 */
export class WorkQueue {
  readonly #options: WorkQueueOptions
  readonly #events = new Set<string>()
  readonly #sweeps = new Set<string>()
  readonly #delayed = new DueHeap()
  readonly #active = new Set<string>()
  /** Keys that came again while they were worked on. */
  readonly #again = new Set<string>()
  readonly #failures = new Map<string, number>()

  constructor(options: WorkQueueOptions) {
    this.#options = options
  }

  /** Keys that could be taken now, not counting those that are due but still filed as delayed. */
  get depth(): number {
    return this.#events.size + this.#sweeps.size
  }

  get activeCount(): number {
    return this.#active.size
  }

  /** When the next delayed key is due. */
  get nextDueMs(): number | undefined {
    return this.#delayed.nextDueMs
  }

  /** True when `take` would answer a key. */
  hasReady(nowMs: number): boolean {
    this.#admitDue(nowMs)
    return this.depth > 0
  }

  add(key: string, priority: Priority = "event"): void {
    if (this.#active.has(key)) {
      this.#again.add(key)
    } else if (priority === "event") {
      this.#sweeps.delete(key)
      this.#events.add(key)
    } else if (!this.#events.has(key)) {
      this.#sweeps.add(key)
    }
  }

  /** Adds the key at that time, or earlier when it was to come earlier anyway. */
  addAt(key: string, dueMs: number): void {
    this.#delayed.add(key, dueMs)
  }

  /**
   * The next key, now in work until `finish`. What was filed for later is dropped: work decides
   * anew.
   */
  take(nowMs: number): string | undefined {
    this.#admitDue(nowMs)
    const source = this.#events.size > 0 ? this.#events : this.#sweeps
    for (const key of source) {
      source.delete(key)
      this.#delayed.delete(key)
      this.#active.add(key)
      return key
    }
    return undefined
  }

  /** The key is no longer worked on; it is ready again when it was added meanwhile. */
  finish(key: string): void {
    this.#active.delete(key)
    if (this.#again.delete(key)) this.add(key)
  }

  /** Counts a failure and files the key for its next try; gives the delay. */
  retry(key: string, nowMs: number): number {
    const failures = this.#countFailure(key)
    const { firstRetryMs, lastRetryMs } = this.#options
    const delayMs = Math.min(firstRetryMs * 2 ** Math.min(failures, 32), lastRetryMs)
    this.addAt(key, nowMs + delayMs)
    return delayMs
  }

  /** Like `retry`, but without delay for the first few times. */
  retrySoon(key: string, nowMs: number): void {
    if ((this.#failures.get(key) ?? 0) >= 5) {
      this.retry(key, nowMs)
    } else {
      this.#countFailure(key)
      this.add(key)
    }
  }

  /** Forgets the failures of a key. */
  forget(key: string): void {
    this.#failures.delete(key)
  }

  #countFailure(key: string): number {
    const failures = this.#failures.get(key) ?? 0
    this.#failures.set(key, failures + 1)
    return failures
  }

  #admitDue(nowMs: number): void {
    for (;;) {
      const key = this.#delayed.takeDue(nowMs)
      if (key === undefined) return
      this.add(key)
    }
  }
}
