import { type Clock, formatTime, type Logger, messageOf } from "#base"
import { type Event, EventKind } from "#apis"
import type { Client } from "#client"
import { type ApiObject, isNotFound } from "#meta"

export interface EventRecorderOptions {
  readonly client: Client
  readonly component: string
  readonly clock: Clock
  readonly log: Logger
}

export interface EventInput {
  readonly about: ApiObject
  readonly type: "Normal" | "Warning"
  readonly reason: string
  readonly message: string
}

interface Series {
  name: string
  count: number
  firstMs: number
}

interface Allowance {
  tokens: number
  refilledMs: number
}

/** After this many different messages for one reason within the window they are told as one. */
const similarMax = 10
const similarWindowMs = 10 * 60 * 1000
/** One object may cause this many writes at once, then one more in each interval. */
const burst = 25
const refillMs = 5 * 60 * 1000
const memoryMax = 4096

/**
 * Writes Events in the background, in order: the same message again raises a count, many similar
 * ones become one, an object that talks without end is silenced. A lost Event is no failure.
 */
export class EventRecorder {
  readonly #options: EventRecorderOptions
  readonly #series = new Map<string, Series>()
  readonly #similar = new Map<string, { messages: Set<string>; sinceMs: number }>()
  readonly #allowances = new Map<string, Allowance>()
  #tail: Promise<void> = Promise.resolve()
  #pending = 0
  #sequence = 0

  constructor(options: EventRecorderOptions) {
    this.#options = options
  }

  /** Events that are not written yet. */
  get pendingCount(): number {
    return this.#pending
  }

  record(input: EventInput): void {
    const nowMs = this.#options.clock.now()
    if (!this.#spend(input.about, nowMs)) return
    const message = this.#aggregate(input, nowMs)
    this.#pending += 1
    this.#tail = this.#tail
      .then(() => this.#write({ ...input, message }, nowMs))
      .catch((error: unknown) => {
        const { reason } = input
        this.#options.log.debug("event not written", { reason, error: messageOf(error) })
      })
      .finally(() => {
        this.#pending -= 1
      })
  }

  /** Resolves when what was recorded so far is written or given up. */
  async flush(): Promise<void> {
    await this.#tail
  }

  async #write(input: EventInput, nowMs: number): Promise<void> {
    const { client } = this.#options
    const key = seriesKey(input, input.message)
    const series = this.#series.get(key)
    const namespace = input.about.metadata.namespace ?? "default"
    if (series) {
      series.count += 1
      const body = { count: series.count, lastTimestamp: formatTime(nowMs) }
      try {
        await client.patch(EventKind, { namespace, name: series.name }, { type: "merge", body })
        return
      } catch (error) {
        if (!isNotFound(error)) throw error
      }
    }
    this.#sequence += 1
    const unique = (nowMs * 1_000 + (this.#sequence % 1_000)).toString(16)
    const name = `${input.about.metadata.name}.${unique}`
    const count = series?.count ?? 1
    const firstMs = series?.firstMs ?? nowMs
    const event = this.#eventOf(input, { name, count, firstMs, nowMs, namespace })
    await client.create(EventKind, event)
    remember(this.#series, key, { name, count, firstMs })
  }

  #eventOf(
    input: EventInput,
    series: Series & { readonly nowMs: number; readonly namespace: string },
  ): Event {
    const { about, type, reason, message } = input
    const { namespace, name, uid, resourceVersion } = about.metadata
    return {
      apiVersion: "v1",
      kind: "Event",
      metadata: { name: series.name, namespace: series.namespace },
      involvedObject: {
        apiVersion: about.apiVersion,
        kind: about.kind,
        namespace,
        name,
        uid,
        resourceVersion,
      },
      type,
      reason,
      message: message.slice(0, 1024),
      source: { component: this.#options.component },
      firstTimestamp: formatTime(series.firstMs),
      lastTimestamp: formatTime(series.nowMs),
      count: series.count,
      reportingComponent: this.#options.component,
      reportingInstance: "",
    }
  }

  #aggregate(input: EventInput, nowMs: number): string {
    const key = seriesKey(input, "")
    const known = this.#similar.get(key)
    const similar =
      known && nowMs - known.sinceMs < similarWindowMs
        ? known
        : { messages: new Set<string>(), sinceMs: nowMs }
    remember(this.#similar, key, similar)
    if (similar.messages.size >= similarMax && !similar.messages.has(input.message)) {
      return `(combined from similar events): ${input.message}`
    }
    similar.messages.add(input.message)
    return input.message
  }

  #spend(about: ApiObject, nowMs: number): boolean {
    const key = about.metadata.uid ?? about.metadata.name
    const allowance = this.#allowances.get(key) ?? { tokens: burst, refilledMs: nowMs }
    const refill = Math.floor((nowMs - allowance.refilledMs) / refillMs)
    allowance.tokens = Math.min(burst, allowance.tokens + refill)
    allowance.refilledMs += refill * refillMs
    remember(this.#allowances, key, allowance)
    if (allowance.tokens === 0) return false
    allowance.tokens -= 1
    return true
  }
}

/** Combined messages share a series whatever they say. */
function seriesKey(input: EventInput, message: string): string {
  const { kind, metadata } = input.about
  const text = message.startsWith("(combined from") ? "(combined)" : message
  return [kind, metadata.uid ?? metadata.name, input.type, input.reason, text].join("\0")
}

function remember<T>(memory: Map<string, T>, key: string, value: T): void {
  memory.delete(key)
  memory.set(key, value)
  if (memory.size <= memoryMax) return
  for (const oldest of memory.keys()) {
    memory.delete(oldest)
    return
  }
}
