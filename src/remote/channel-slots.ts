/**
 * Hands out at most `limit` slots at a time, in order of asking. sshd allows ten sessions by
 * default.
 */
export class ChannelSlots {
  #free: number
  readonly #waiting: Array<() => void> = []

  constructor(limit: number) {
    this.#free = limit
  }

  /** Resolves with the function that gives the slot back; calling it twice changes nothing. */
  async take(): Promise<() => void> {
    if (this.#free > 0) this.#free -= 1
    else await new Promise<void>((resolve) => this.#waiting.push(resolve))
    let held = true
    return () => {
      if (!held) return
      held = false
      const next = this.#waiting.shift()
      if (next) next()
      else this.#free += 1
    }
  }
}
