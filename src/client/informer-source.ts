import type { Clock, Logger } from "#base"
import {
  type ApiObject,
  type ApiTarget,
  type ApiTransport,
  type CacheSource,
  type DeleteOptions,
  kindApiVersion,
  type KindRef,
  type ListOptions,
  type ObjectCache,
  type ObjectList,
  type PatchOptions,
  type PatchType,
  type WatchEvent,
  type WatchOptions,
  type WriteOptions,
} from "#meta"
import { ConnectionError } from "./connection-error.ts"
import { Informer } from "./informer.ts"

export interface InformerSourceOptions {
  readonly transport: ApiTransport
  readonly clock: Clock
  readonly log: Logger
}

interface Entry {
  readonly kind: KindRef<ApiObject>
  readonly informer: Informer<ApiObject>
}

const deletionTimeoutMs = 30_000

/** Caches over HTTP: one informer for each kind and version that somebody asked for. */
export class InformerSource implements CacheSource {
  readonly #options: InformerSourceOptions
  readonly #informers = new Map<string, Entry>()

  constructor(options: InformerSourceOptions) {
    this.#options = options
  }

  async cache<T>(kind: KindRef<T>): Promise<ObjectCache<T>> {
    const key = `${kindApiVersion(kind)}/${kind.plural}`
    let entry = this.#informers.get(key)
    if (!entry) {
      const untyped = kind as KindRef<ApiObject>
      entry = { kind: untyped, informer: new Informer({ ...this.#options, kind: untyped }) }
      this.#informers.set(key, entry)
      entry.informer.start()
    }
    await entry.informer.synced
    return entry.informer.cache as ObjectCache<unknown> as ObjectCache<T>
  }

  /**
   * The transport with the promise that caches keep: a write resolves when every cache of its kind
   * has seen it.
   */
  follow(transport: ApiTransport): ApiTransport {
    return new FollowedTransport(transport, (kind) => this.#informersOf(kind), this.#options.clock)
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#informers.values()].map((entry) => entry.informer.stop()))
  }

  /** Of every version: they show the same objects. */
  #informersOf(kind: KindRef): readonly Informer<ApiObject>[] {
    return [...this.#informers.values()]
      .filter((entry) => entry.kind.group === kind.group && entry.kind.plural === kind.plural)
      .map((entry) => entry.informer)
  }
}

class FollowedTransport implements ApiTransport {
  readonly #transport: ApiTransport
  readonly #informersOf: (kind: KindRef) => readonly Informer<ApiObject>[]
  readonly #clock: Clock

  constructor(
    transport: ApiTransport,
    informersOf: (kind: KindRef) => readonly Informer<ApiObject>[],
    clock: Clock,
  ) {
    this.#transport = transport
    this.#informersOf = informersOf
    this.#clock = clock
  }

  get(target: ApiTarget): Promise<ApiObject> {
    return this.#transport.get(target)
  }

  list(target: ApiTarget, options: ListOptions): Promise<ObjectList<ApiObject>> {
    return this.#transport.list(target, options)
  }

  watch(
    target: ApiTarget,
    options: WatchOptions,
    signal: AbortSignal,
  ): AsyncIterable<WatchEvent<ApiObject>> {
    return this.#transport.watch(target, options, signal)
  }

  async create(target: ApiTarget, object: unknown, options: WriteOptions): Promise<ApiObject> {
    return this.#seen(target, options, await this.#transport.create(target, object, options))
  }

  async update(target: ApiTarget, object: unknown, options: WriteOptions): Promise<ApiObject> {
    return this.#seen(target, options, await this.#transport.update(target, object, options))
  }

  async patch(
    target: ApiTarget,
    patch: { readonly type: PatchType; readonly body: unknown },
    options: PatchOptions,
  ): Promise<ApiObject> {
    return this.#seen(target, options, await this.#transport.patch(target, patch, options))
  }

  async delete(target: ApiTarget, options: DeleteOptions): Promise<void> {
    const { kind, namespace, name = "" } = target
    const before = this.#informersOf(kind).map((informer) => ({
      cache: informer.cache,
      uid: informer.cache.get(namespace, name)?.metadata.uid,
    }))
    await this.#transport.delete(target, options)
    if (options.dryRun) return
    await Promise.all(
      before.map(async ({ cache, uid }) => {
        if (uid === undefined) return
        await this.#until(cache, () => {
          const { metadata } = cache.get(namespace, name) ?? {}
          return metadata?.uid !== uid || metadata.deletionTimestamp !== undefined
        })
      }),
    )
  }

  /**
   * Subresources that answer with another kind (`eviction`, `token`) change nothing to wait for.
   */
  async #seen(target: ApiTarget, options: WriteOptions, answer: ApiObject): Promise<ApiObject> {
    const { resourceVersion } = answer.metadata
    if (options.dryRun || answer.kind !== target.kind.kind || !resourceVersion) return answer
    const informers = this.#informersOf(target.kind)
    await Promise.all(informers.map((informer) => informer.waitForRevision(resourceVersion)))
    return answer
  }

  async #until(cache: ObjectCache<ApiObject>, holds: () => boolean): Promise<void> {
    if (holds()) return
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const unsubscribe = cache.subscribe(() => {
      if (holds()) resolve()
    })
    const timer = this.#clock.after(deletionTimeoutMs, () =>
      reject(new ConnectionError("watch did not show the deletion in time")),
    )
    try {
      await promise
    } finally {
      timer.cancel()
      unsubscribe()
    }
  }
}
