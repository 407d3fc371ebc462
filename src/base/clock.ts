/** A timer that can be called off. */
export interface Timer {
  cancel(): void
}

/**
 * Time as a parameter: production hands in `systemClock`, tests a fake that starts at the real now.
 */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number
  /**
   * Calls back once, `delayMs` from now. A pending timer does not keep the process alive by itself.
   */
  after(delayMs: number, callback: () => void): Timer
}

export const systemClock: Clock = {
  now: () => Date.now(),
  after(delayMs, callback) {
    const handle = setTimeout(callback, Math.min(Math.max(delayMs, 0), 2 ** 31 - 1))
    handle.unref()
    return { cancel: () => clearTimeout(handle) }
  },
}

/** RFC 3339 in UTC with seconds precision, as Kubernetes writes `metav1.Time`. */
export function formatTime(epochMs: number): string {
  return `${new Date(epochMs).toISOString().slice(0, 19)}Z`
}

/** RFC 3339 in UTC with microseconds, as Kubernetes writes `metav1.MicroTime`. */
export function formatMicroTime(epochMs: number): string {
  return `${new Date(epochMs).toISOString().slice(0, 23)}000Z`
}

/** Resolves after `delayMs`; rejects with the signal's reason when it is aborted first. */
export function sleep(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason as Error)
    const timer = clock.after(delayMs, () => {
      signal?.removeEventListener("abort", onAbort)
      resolve()
    })
    const onAbort = (): void => {
      timer.cancel()
      reject(signal?.reason as Error)
    }
    signal?.addEventListener("abort", onAbort, { once: true })
  })
}
