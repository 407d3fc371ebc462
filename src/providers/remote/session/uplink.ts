/**
 * Who goes first on the line that all uploads share: a host that can go on once it has what it is
 * sent goes before those that will wait anyway.
 */
export class Uplink {
  #urgent = 0
  #ended = Promise.withResolvers<void>()

  /** True while something urgent is sent. */
  get isTaken(): boolean {
    return this.#urgent > 0
  }

  /** Has others wait for as long as the work takes. */
  async urgently<T>(work: () => Promise<T>): Promise<T> {
    this.#urgent += 1
    try {
      return await work()
    } finally {
      this.#urgent -= 1
      this.#ended.resolve()
      this.#ended = Promise.withResolvers()
    }
  }

  /** Resolves when something urgent is over, whatever else is; rejects with the signal's reason. */
  ended(signal: AbortSignal): Promise<void> {
    const { promise } = this.#ended
    return new Promise((resolve, reject) => {
      signal.throwIfAborted()
      const onAbort = (): void => reject(signal.reason as Error)
      signal.addEventListener("abort", onAbort, { once: true })
      void promise.then(() => {
        signal.removeEventListener("abort", onAbort)
        resolve()
      })
    })
  }
}
