import { Backoff, type Clock, type Logger, messageOf, type Timer } from "#base"
import type { ApiServer } from "#apiserver"
import { isConflict } from "#meta"
import type { Activity } from "./activity.ts"

export interface KeyedWorkerOptions {
  readonly server: ApiServer
  readonly name: string
  readonly clock: Clock
  readonly log: Logger
  readonly activity: Activity
  /** Must be safe to run again: at once after a conflict, later after anything else it throws. */
  readonly work: (key: string) => Promise<void>
  readonly concurrency?: number | undefined
}

const concurrencyDefault = 16
const retry = { firstMs: 50, maxMs: 60_000 }

/**
 * Does one thing for many keys: each key at most once at a time, again when it was added meanwhile.
 * It sleeps until a key is added; only failures are waited for with a timer.
 */
export class KeyedWorker {
  readonly #options: KeyedWorkerOptions
  readonly #queue = new Set<string>()
  readonly #running = new Set<string>()
  readonly #retries = new Map<string, { readonly backoff: Backoff; timer: Timer | undefined }>()
  #stopped = false

  constructor(options: KeyedWorkerOptions) {
    this.#options = options
  }

  add(key: string): void {
    if (this.#stopped || this.#queue.has(key)) return
    this.#queue.add(key)
    this.#options.activity.begin()
    this.#fill()
  }

  /** Takes no more keys; what runs is left to end by itself. */
  stop(): void {
    this.#stopped = true
    for (const { timer } of this.#retries.values()) timer?.cancel()
    this.#retries.clear()
    for (let left = this.#queue.size; left > 0; left -= 1) this.#options.activity.end()
    this.#queue.clear()
  }

  /** Starts what may run now, not in the caller's turn: callers are listeners of the feed. */
  #fill(): void {
    const { concurrency = concurrencyDefault } = this.#options
    for (const key of this.#queue) {
      if (this.#running.size >= concurrency) return
      if (this.#running.has(key)) continue
      this.#queue.delete(key)
      this.#running.add(key)
      void Promise.resolve().then(() => this.#run(key))
    }
  }

  async #run(key: string): Promise<void> {
    const { name, log, work, activity } = this.#options
    try {
      if (!this.#stopped) await work(key)
      this.#forgetFailures(key)
    } catch (error) {
      if (isConflict(error)) await this.#retryNow(key)
      else if (!this.#stopped) {
        log.warn("system work failed", { controller: name, key, error: messageOf(error) })
        this.#retryLater(key)
      }
    }
    this.#running.delete(key)
    this.#fill()
    activity.end()
  }

  #forgetFailures(key: string): void {
    this.#retries.get(key)?.timer?.cancel()
    this.#retries.delete(key)
  }

  /** Somebody else wrote first: their write is what the next try must see. */
  async #retryNow(key: string): Promise<void> {
    await this.#options.server.hub.catchUp().catch(() => {})
    this.add(key)
  }

  #retryLater(key: string): void {
    const entry = this.#retries.get(key) ?? { backoff: new Backoff(retry), timer: undefined }
    this.#retries.set(key, entry)
    entry.timer?.cancel()
    entry.timer = this.#options.clock.after(entry.backoff.nextMs(), () => this.add(key))
  }
}
