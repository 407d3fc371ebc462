import { Backoff, type Clock, deepFreeze, type Logger, messageOf, sleep } from "#base"
import {
  type ApiObject,
  type ApiTransport,
  hasReason,
  type KindRef,
  type ObjectCache,
  type ObjectList,
} from "#meta"
import { ConnectionError } from "./connection-error.ts"
import { ObjectIndex } from "./object-index.ts"

export interface InformerOptions<T extends ApiObject> {
  readonly transport: ApiTransport
  readonly kind: KindRef<T>
  /** Only this namespace; all when absent. */
  readonly namespace?: string | undefined
  readonly clock: Clock
  readonly log: Logger
}

interface Waiter {
  readonly revision: number
  readonly resolve: () => void
}

const pageSize = 500
/** A watch that ends sooner than this without an event counts as a failure. */
const shortWatchMs = 1_000

/**
 * Keeps a cache of one kind like the server's state: lists once, watches from there, resumes after
 * a cut, lists again when the server has forgotten the history in between. Objects are frozen.
 */
export class Informer<T extends ApiObject> {
  readonly #options: InformerOptions<T>
  readonly #index = new ObjectIndex<T>()
  readonly #stop = new AbortController()
  readonly #synced = Promise.withResolvers<void>()
  readonly #backoff = new Backoff({ firstMs: 800, maxMs: 30_000 })
  readonly #waiters = new Set<Waiter>()
  #resourceVersion: string | undefined
  #revision = 0
  #running: Promise<void> | undefined

  constructor(options: InformerOptions<T>) {
    this.#options = options
    this.#synced.promise.catch(() => {})
  }

  get cache(): ObjectCache<T> {
    return this.#index
  }

  /** Resolves when the first list is in; rejects when the informer is stopped before. */
  get synced(): Promise<void> {
    return this.#synced.promise
  }

  start(): void {
    this.#running ??= this.#run()
  }

  async stop(): Promise<void> {
    this.#stop.abort()
    await this.#running
    this.#synced.reject(new ConnectionError("the informer was stopped before its first list"))
  }

  /**
   * Resolves when the cache has seen this resourceVersion or a later one. Rejects with
   * `ConnectionError` when that takes longer than `timeoutMs`.
   */
  waitForRevision(resourceVersion: string, timeoutMs = 30_000): Promise<void> {
    const revision = Number(resourceVersion)
    if (!(revision > this.#revision)) return Promise.resolve()
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const waiter = { revision, resolve }
    this.#waiters.add(waiter)
    const timer = this.#options.clock.after(timeoutMs, () => {
      this.#waiters.delete(waiter)
      reject(new ConnectionError(`watch did not reach version ${resourceVersion} in time`))
    })
    return promise.finally(() => timer.cancel())
  }

  async #run(): Promise<void> {
    const { clock, log, kind } = this.#options
    const { signal } = this.#stop
    while (!signal.aborted) {
      try {
        if (this.#resourceVersion === undefined) await this.#list()
        await this.#watch()
      } catch (error) {
        if (signal.aborted) return
        if (hasReason(error, "Expired", "Gone")) {
          this.#resourceVersion = undefined
          continue
        }
        const delayMs = this.#backoff.nextMs()
        log.warn("watch failed", { kind: kind.kind, error: messageOf(error), delayMs })
        await sleep(clock, delayMs, signal).catch(() => {})
      }
    }
  }

  async #list(): Promise<void> {
    const { transport, kind, namespace } = this.#options
    const objects: T[] = []
    let page: ObjectList<ApiObject> | undefined
    do {
      page = await transport.list(
        { kind, namespace },
        { limit: pageSize, continue: page?.continue },
      )
      for (const item of page.items) objects.push(deepFreeze(item) as T)
    } while (page.continue)
    if (this.#stop.signal.aborted) return
    this.#index.replace(objects)
    this.#advance(page.resourceVersion)
    this.#synced.resolve()
  }

  async #watch(): Promise<void> {
    const { transport, kind, namespace, clock } = this.#options
    const startedMs = clock.now()
    let hasEvents = false
    const options = { resourceVersion: this.#resourceVersion, allowBookmarks: true }
    for await (const event of transport.watch({ kind, namespace }, options, this.#stop.signal)) {
      hasEvents = true
      this.#backoff.reset()
      if (event.type === "BOOKMARK") {
        this.#advance(event.resourceVersion)
        continue
      }
      const object = deepFreeze(event.object) as T
      const { namespace: objectNamespace, name, resourceVersion } = object.metadata
      if (event.type === "DELETED") this.#index.remove(objectNamespace, name, object)
      else this.#index.put(object)
      this.#advance(resourceVersion)
    }
    if (!hasEvents && clock.now() - startedMs < shortWatchMs && !this.#stop.signal.aborted) {
      throw new ConnectionError("the watch ended at once")
    }
  }

  #advance(resourceVersion: string | undefined): void {
    if (!resourceVersion) return
    this.#resourceVersion = resourceVersion
    this.#revision = Math.max(this.#revision, Number(resourceVersion))
    for (const waiter of this.#waiters) {
      if (waiter.revision > this.#revision) continue
      this.#waiters.delete(waiter)
      waiter.resolve()
    }
  }
}
