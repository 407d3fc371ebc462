import type { Clock, Timer } from "../clock.ts"

/**
 * A clock that moves only when told to. It starts at the real now, since certificates live in real
 * time.
 */
export class FakeClock implements Clock {
  #nowMs = Date.now()
  #timers = new Set<{ readonly dueMs: number; readonly callback: () => void }>()

  now(): number {
    return this.#nowMs
  }

  after(delayMs: number, callback: () => void): Timer {
    const timer = { dueMs: this.#nowMs + Math.max(delayMs, 0), callback }
    this.#timers.add(timer)
    return { cancel: () => void this.#timers.delete(timer) }
  }

  /** When the next timer is due, or undefined when none is pending. */
  get nextDueMs(): number | undefined {
    return this.#timers.size === 0
      ? undefined
      : Math.min(...[...this.#timers].map((timer) => timer.dueMs))
  }

  /** Moves time forward and fires what became due, in order. */
  advance(byMs: number): void {
    const targetMs = this.#nowMs + byMs
    for (;;) {
      const due = [...this.#timers]
        .filter((timer) => timer.dueMs <= targetMs)
        .sort((left, right) => left.dueMs - right.dueMs)[0]
      if (!due) break
      this.#timers.delete(due)
      this.#nowMs = Math.max(this.#nowMs, due.dueMs)
      due.callback()
    }
    this.#nowMs = targetMs
  }
}
