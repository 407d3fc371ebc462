import type { Record, TableChange } from "#apiserver"
import { type Event, EventKind } from "#apis"
import { messageOf, type Timer } from "#base"
import type { Client } from "#client"
import { isConflict, isNotFound } from "#meta"
import { systemClient } from "./system-client.ts"
import type { SystemContext, SystemController } from "./system-context.ts"

const eventsPrefix = "core/events/"
const lifetimeMs = 60 * 60 * 1_000
const retryMs = 60_000
const batchSize = 64

/**
 * Deletes Events an hour after they were last written. There is one timer, for the oldest of them,
 * and none while there are no Events.
 */
export class EventExpiry implements SystemController {
  readonly #context: SystemContext
  readonly #client: Client
  /** When each Event expires, the next one first: every write puts its Event at the end. */
  readonly #due = new Map<string, number>()
  #timer: Timer | undefined
  #unsubscribe: (() => void) | undefined
  #stopped = false

  constructor(context: SystemContext) {
    this.#context = context
    this.#client = systemClient(context.server, "event-expiry")
  }

  start(): void {
    const table = this.#context.server.hub.table(eventsPrefix)
    this.#unsubscribe = table.subscribe((change) => this.#take(change))
    const known = Array.from(table.range(), (record) => ({
      key: record.key,
      dueMs: lastWrittenMs(record) + lifetimeMs,
    }))
    known.sort((left, right) => left.dueMs - right.dueMs)
    for (const { key, dueMs } of known) this.#due.set(key, dueMs)
    this.#arm()
  }

  stop(): void {
    this.#stopped = true
    this.#unsubscribe?.()
    this.#timer?.cancel()
  }

  #take({ record, type }: TableChange): void {
    this.#due.delete(record.key)
    if (type !== "deleted") this.#due.set(record.key, this.#context.clock.now() + lifetimeMs)
    if (!this.#timer) this.#arm()
  }

  #arm(delayMs?: number): void {
    const [next] = this.#due.values()
    if (next === undefined || this.#stopped) return
    const { clock } = this.#context
    this.#timer = clock.after(delayMs ?? next - clock.now(), () => void this.#expire())
  }

  async #expire(): Promise<void> {
    const { activity, log } = this.#context
    activity.begin()
    let failed = false
    try {
      await this.#deleteDue()
    } catch (error) {
      failed = true
      log.warn("system work failed", { controller: "event-expiry", error: messageOf(error) })
    }
    this.#timer = undefined
    this.#arm(failed ? retryMs : undefined)
    activity.end()
  }

  async #deleteDue(): Promise<void> {
    for (;;) {
      const nowMs = this.#context.clock.now()
      const keys: string[] = []
      for (const [key, dueMs] of this.#due) {
        if (dueMs > nowMs || keys.length === batchSize) break
        keys.push(key)
      }
      if (keys.length === 0 || this.#stopped) return
      await Promise.all(keys.map((key) => this.#delete(key)))
    }
  }

  async #delete(key: string): Promise<void> {
    const dueMs = this.#due.get(key)
    const record = this.#context.server.hub.table(eventsPrefix).get(key)
    if (!record) return void this.#due.delete(key)
    const { uid } = record
    const preconditions = { uid, resourceVersion: String(record.revision) }
    try {
      await this.#client.delete(EventKind, record, { preconditions })
    } catch (error) {
      if (!isNotFound(error) && !isConflict(error)) throw error
    }
    if (this.#due.get(key) === dueMs) this.#due.delete(key)
  }
}

/** When an Event was last written, as far as it says so itself. */
function lastWrittenMs(record: Record): number {
  const { metadata, lastTimestamp, eventTime, series } = record.object as Event
  const times = [metadata.creationTimestamp, lastTimestamp, eventTime, series?.lastObservedTime]
  return Math.max(...times.map((time) => (time ? Date.parse(time) || 0 : 0)))
}
