import type { Clock, Timer } from "#base"

import type { Revision } from "./store.ts"

/** How long history lives at the least, in milliseconds, unless a driver is told otherwise. */
export const defaultHistoryMs = 5 * 60 * 1000

export interface RetentionOptions {
  readonly clock: Clock
  readonly historyMs: number
  /** The newest revision when the driver opened: age unknown, so it counts as new. */
  readonly opened: Revision
  newest(): Revision
  /** Forgets history up to and including the revision. */
  forget(revision: Revision): void
}

/**
 * Ages history: what was written before one tick is forgotten at the next, so history lives for one
 * to two periods. No timer runs while there is nothing to forget: an idle store costs nothing.
 */
export class Retention {
  readonly #options: RetentionOptions
  #aged: Revision
  #forgotten: Revision = 0
  #timer: Timer | undefined

  constructor(options: RetentionOptions) {
    this.#options = options
    this.#aged = options.opened
  }

  /** Call after every write. */
  touch(): void {
    this.#timer ??= this.#options.clock.after(this.#options.historyMs, () => this.#tick())
  }

  stop(): void {
    this.#timer?.cancel()
    this.#timer = undefined
  }

  #tick(): void {
    this.#timer = undefined
    const aged = this.#aged
    this.#aged = this.#options.newest()
    if (this.#aged > aged) this.touch()
    if (aged > this.#forgotten) {
      this.#forgotten = aged
      this.#options.forget(aged)
    }
  }
}
