export interface BackoffOptions {
  readonly firstMs: number
  readonly maxMs: number
  readonly factor?: number | undefined
}

/** Exponential delays for one retried thing. `reset` after a success. */
export class Backoff {
  #failures = 0
  readonly #options: BackoffOptions

  constructor(options: BackoffOptions) {
    this.#options = options
  }

  /** The delay before the next try, in milliseconds; each call counts as one more failure. */
  nextMs(): number {
    const { firstMs, maxMs, factor = 2 } = this.#options
    const delayMs = Math.min(firstMs * factor ** Math.min(this.#failures, 64), maxMs)
    this.#failures += 1
    return delayMs
  }

  reset(): void {
    this.#failures = 0
  }
}
