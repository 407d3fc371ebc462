import { CompactedError, RevisionConflictError, StoreError } from "./errors.ts"
import { EtcdGateway, type EtcdGatewayOptions, EtcdRangeError } from "./etcd-gateway.ts"
import {
  base64Of,
  changeOf,
  entryOf,
  fieldsOf,
  listOf,
  numberOf,
  revisionOf,
} from "./etcd-messages.ts"
import { checkKey, endOfPrefix, startOfRange } from "./keys.ts"
import type {
  Entry,
  ListOptions,
  ListResult,
  Revision,
  Snapshot,
  Store,
  WatchBatch,
} from "./store.ts"

export interface EtcdStoreOptions extends EtcdGatewayOptions {
  /** Under which all keys of this store lie, so that stores can share a cluster; not empty. */
  readonly prefix: string
}

/**
 * Opens a store in an etcd cluster. How long history lives is the cluster's setting
 * (`--auto-compaction-retention`, five minutes or more). Revisions are the cluster's: they also
 * grow when others write. When the connection breaks in the middle of a write, its `StoreError`
 * leaves open whether the write was done.
 */
export function openEtcdStore(options: EtcdStoreOptions): Store {
  if (options.prefix === "") throw new StoreError("open etcd store: the prefix is empty")
  return new EtcdStore(options)
}

const pageEntries = 1000

class EtcdStore implements Store {
  readonly #gateway: EtcdGateway
  readonly #prefix: string
  readonly #attempts: number
  readonly #closing = new AbortController()
  readonly #inFlight = new Set<Promise<unknown>>()

  constructor(options: EtcdStoreOptions) {
    this.#gateway = new EtcdGateway(options)
    this.#prefix = options.prefix
    this.#attempts = options.endpoints.length + 1
  }

  async get(key: string): Promise<Entry | undefined> {
    const answer = await this.#ask("/v3/kv/range", { key: this.#pathOf(key) }, true)
    return this.#entriesOf(answer)[0]
  }

  async list(prefix: string, options: ListOptions = {}): Promise<ListResult> {
    const { limit = Number.POSITIVE_INFINITY } = options
    const range = this.#rangeOf(prefix)
    let start = startOfRange(prefix, options.from)
    let revision = options.atRevision
    const entries: Entry[] = []
    let count: number | undefined
    for (;;) {
      const wanted = Math.min(limit - entries.length, pageEntries)
      const size = wanted === 0 ? { count_only: true } : { limit: wanted }
      const at = revision === undefined ? {} : { revision: String(revision) }
      const page = await this.#range({ ...range, key: this.#pathOf(start), ...size, ...at })
      revision ??= revisionOf(page)
      count ??= numberOf(page["count"])
      for (const entry of this.#entriesOf(page)) entries.push(entry)
      const last = entries.at(-1)
      if (last === undefined || page["more"] !== true || entries.length >= limit) break
      start = `${last.key}\0`
    }
    return { entries, revision, count }
  }

  async put(key: string, value: Uint8Array, expected: Revision): Promise<Revision> {
    checkKey(key)
    const put = { key: this.#pathOf(key), value: base64Of(value) }
    return this.#write(key, expected, { request_put: put })
  }

  async delete(key: string, expected: Revision): Promise<Revision> {
    if (expected <= 0) throw new RevisionConflictError(key, await this.get(key))
    return this.#write(key, expected, { request_delete_range: { key: this.#pathOf(key) } })
  }

  async *watch(
    prefix: string,
    fromRevision: Revision,
    signal: AbortSignal,
  ): AsyncGenerator<WatchBatch, void> {
    let progress = fromRevision
    let attempts = 0
    while (!signal.aborted) {
      this.#checkOpen()
      try {
        for await (const batch of this.#follow(
          progress,
          AbortSignal.any([signal, this.#closing.signal]),
        )) {
          attempts = 0
          progress = batch.progress
          const changes = batch.changes.filter((change) => change.key.startsWith(prefix))
          yield { changes, progress }
        }
      } catch (error) {
        attempts += 1
        if (error instanceof CompactedError || attempts >= this.#attempts) throw error
      }
    }
  }

  async revision(): Promise<Revision> {
    const body = { key: this.#pathOf("revision"), count_only: true }
    return revisionOf(await this.#ask("/v3/kv/range", body, true))
  }

  async compact(revision: Revision): Promise<void> {
    try {
      await this.#ask("/v3/kv/compaction", { revision: String(revision) }, true)
    } catch (error) {
      if (!(error instanceof EtcdRangeError) || revision > (await this.revision())) throw error
    }
  }

  async snapshot(): Promise<Snapshot> {
    const { revision } = await this.list("", { limit: 0 })
    return { revision, entries: this.#entriesAt(revision) }
  }

  async close(): Promise<void> {
    this.#closing.abort()
    await Promise.allSettled(this.#inFlight)
    this.#gateway.close()
  }

  async *#entriesAt(atRevision: Revision): AsyncGenerator<Entry, void> {
    let from = ""
    for (;;) {
      const { entries, count } = await this.list("", { from, limit: pageEntries, atRevision })
      yield* entries
      if (entries.length >= count) return
      from = `${entries.at(-1)?.key ?? ""}\0`
    }
  }

  async #write(key: string, expected: Revision, operation: object): Promise<Revision> {
    const path = this.#pathOf(key)
    const mod_revision = String(expected)
    const answer = await this.#ask(
      "/v3/kv/txn",
      {
        compare: [{ key: path, target: "MOD", result: "EQUAL", mod_revision }],
        success: [operation],
        failure: [{ request_range: { key: path } }],
      },
      false,
    )
    if (answer["succeeded"] === true) return revisionOf(answer)
    const range = fieldsOf(listOf(answer["responses"])[0]?.["response_range"])
    throw new RevisionConflictError(key, this.#entriesOf(range)[0])
  }

  /**
   * The changes of the whole store, so that every write moves the progress of every watch. It
   * starts one revision early, which is what makes etcd refuse exactly the revisions that the
   * contract does.
   */
  async *#follow(from: Revision, signal: AbortSignal): AsyncGenerator<WatchBatch, void> {
    const start_revision = String(Math.max(from, 1))
    const key = this.#pathOf("")
    const range = { ...this.#rangeOf(""), key, start_revision }
    const body = { create_request: { ...range, prev_kv: true, progress_notify: true } }
    for await (const answer of this.#gateway.stream("/v3/watch", body, signal)) {
      const compacted = numberOf(answer["compact_revision"])
      if (compacted > 0) throw new CompactedError(from, compacted)
      if (answer["canceled"] === true) {
        throw new StoreError(`follow etcd: ${String(answer["cancel_reason"])}`)
      }
      if (answer["created"] === true) continue
      const events = listOf(answer["events"])
      const changes = events
        .map((event) => changeOf(event, this.#prefix.length))
        .filter((change) => change.revision > from)
      const progress = events.length === 0 ? revisionOf(answer) : changes.at(-1)?.revision
      if (progress !== undefined && progress > from) yield { changes, progress }
    }
  }

  /**
   * A range whose revision may be gone: etcd does not say what it still has, but a watch is told.
   */
  async #range(body: Record<string, unknown>): Promise<Record<string, unknown>> {
    try {
      return await this.#ask("/v3/kv/range", body, true)
    } catch (error) {
      const requested = numberOf(body["revision"])
      if (!(error instanceof EtcdRangeError) || requested > (await this.revision())) throw error
      for await (const batch of this.#follow(requested, this.#closing.signal)) {
        throw new StoreError(`ask etcd: revision ${requested} is gone at ${batch.progress}`)
      }
      throw error
    }
  }

  #ask(
    path: string,
    body: Record<string, unknown>,
    safe: boolean,
  ): Promise<Record<string, unknown>> {
    this.#checkOpen()
    const answer = this.#gateway.call(path, body, safe)
    this.#inFlight.add(answer)
    const forget = (): void => void this.#inFlight.delete(answer)
    answer.then(forget, forget)
    return answer
  }

  #entriesOf(answer: Record<string, unknown>): Entry[] {
    return listOf(answer["kvs"]).map((keyValue) => entryOf(keyValue, this.#prefix.length))
  }

  #pathOf(key: string): string {
    return base64Of(this.#prefix + key)
  }

  /** Where the keys with the prefix end; a zero byte stands for no end. */
  #rangeOf(prefix: string): { readonly range_end: string } {
    return { range_end: base64Of(endOfPrefix(this.#prefix + prefix) ?? "\0") }
  }

  #checkOpen(): void {
    if (this.#closing.signal.aborted) throw new StoreError("use store: it was closed")
  }
}
