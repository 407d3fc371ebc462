import {
  type ApiObject,
  type ApiTarget,
  type ApiTransport,
  type DeleteOptions,
  isNotFound,
  kindApiVersion,
  type KindRef,
  type ListOptions,
  type ObjectKey,
  type ObjectList,
  type WatchEvent,
  type WatchOptions,
  type WriteOptions,
} from "#meta"
import type { ApplyManifest, Manifest, Patch } from "./manifest.ts"

export interface ClientOptions {
  /** Names the writer in managed fields, unless a call names another. */
  readonly fieldManager: string
}

export interface NamespacedListOptions extends ListOptions {
  /** All namespaces when absent. */
  readonly namespace?: string | undefined
}

export interface PatchCallOptions extends WriteOptions {
  readonly subresource?: string | undefined
}

export interface ApplyOptions extends PatchCallOptions {
  /** Take fields over from other managers instead of failing with a conflict; default true. */
  readonly force?: boolean | undefined
}

const pageSize = 500

/**
 * Typed access to an API server, the same over HTTP and in process. Every method rejects with
 * `ApiError`, or with what the transport says when no answer came; nothing is retried here.
 */
export class Client {
  readonly transport: ApiTransport
  readonly fieldManager: string

  constructor(transport: ApiTransport, options: ClientOptions) {
    this.transport = transport
    this.fieldManager = options.fieldManager
  }

  async get<T extends ApiObject>(kind: KindRef<T>, key: ObjectKey): Promise<T> {
    return (await this.transport.get(targetOf(kind, key))) as T
  }

  /** The object, or undefined when the server says that there is none. */
  async find<T extends ApiObject>(kind: KindRef<T>, key: ObjectKey): Promise<T | undefined> {
    try {
      return await this.get(kind, key)
    } catch (error) {
      if (isNotFound(error)) return undefined
      throw error
    }
  }

  async list<T extends ApiObject>(
    kind: KindRef<T>,
    options: NamespacedListOptions = {},
  ): Promise<ObjectList<T>> {
    const { namespace, ...rest } = options
    return (await this.transport.list({ kind, namespace }, rest)) as ObjectList<T>
  }

  /** Every object, read in pages. */
  async listAll<T extends ApiObject>(
    kind: KindRef<T>,
    options: Omit<NamespacedListOptions, "limit" | "continue"> = {},
  ): Promise<readonly T[]> {
    const items: T[] = []
    let page: ObjectList<T> | undefined
    do {
      page = await this.list(kind, { ...options, limit: pageSize, continue: page?.continue })
      items.push(...page.items)
    } while (page.continue)
    return items
  }

  async create<T extends ApiObject>(
    kind: KindRef<T>,
    object: Manifest<T>,
    options: WriteOptions = {},
  ): Promise<T> {
    const { namespace } = object.metadata
    const body = withHeader(kind, object)
    return (await this.transport.create({ kind, namespace }, body, this.#named(options))) as T
  }

  /** Replaces the object; its resourceVersion, when given, must be the current one. */
  async update<T extends ApiObject>(
    kind: KindRef<T>,
    object: Manifest<T>,
    options: PatchCallOptions = {},
  ): Promise<T> {
    const { subresource, ...rest } = options
    const target = { ...targetOf(kind, object.metadata), subresource }
    return (await this.transport.update(target, withHeader(kind, object), this.#named(rest))) as T
  }

  async updateStatus<T extends ApiObject>(
    kind: KindRef<T>,
    object: Manifest<T>,
    options: WriteOptions = {},
  ): Promise<T> {
    return this.update(kind, object, { ...options, subresource: "status" })
  }

  async patch<T extends ApiObject>(
    kind: KindRef<T>,
    key: ObjectKey,
    patch: Patch,
    options: PatchCallOptions = {},
  ): Promise<T> {
    const { subresource, ...rest } = options
    const target = { ...targetOf(kind, key), subresource }
    return (await this.transport.patch(target, patch, this.#named(rest))) as T
  }

  async patchStatus<T extends ApiObject>(
    kind: KindRef<T>,
    key: ObjectKey,
    patch: Patch,
    options: WriteOptions = {},
  ): Promise<T> {
    return this.patch(kind, key, patch, { ...options, subresource: "status" })
  }

  /**
   * Server-side apply: makes these fields so, and drops the ones that this field manager applied
   * before and does not name any more. Creates the object when there is none, unless it names a
   * UID.
   */
  async apply<T extends ApiObject>(
    kind: KindRef<T>,
    object: ApplyManifest<T>,
    options: ApplyOptions = {},
  ): Promise<T> {
    const { subresource, force = true, ...rest } = options
    const target = { ...targetOf(kind, object.metadata), subresource }
    const patch = { type: "apply", body: withHeader(kind, object) } as const
    return (await this.transport.patch(target, patch, { ...this.#named(rest), force })) as T
  }

  async applyStatus<T extends ApiObject>(
    kind: KindRef<T>,
    object: ApplyManifest<T>,
    options: ApplyOptions = {},
  ): Promise<T> {
    return this.apply(kind, object, { ...options, subresource: "status" })
  }

  /** Resolves when the request was accepted; finalizers may keep the object. */
  async delete<T extends ApiObject>(
    kind: KindRef<T>,
    key: ObjectKey,
    options: DeleteOptions = {},
  ): Promise<void> {
    await this.transport.delete(targetOf(kind, key), options)
  }

  /** POST to a subresource: `eviction`, `token`, `binding`. */
  async createSubresource<R extends ApiObject>(
    kind: KindRef,
    key: ObjectKey & { readonly subresource: string },
    body: object,
  ): Promise<R> {
    const target = { ...targetOf(kind, key), subresource: key.subresource }
    return (await this.transport.create(target, body, this.#named({}))) as R
  }

  /** One watch, as long as the server keeps it; an `Informer` resumes and lists again by itself. */
  watch<T extends ApiObject>(
    kind: KindRef<T>,
    options: WatchOptions & { readonly namespace?: string | undefined },
    signal: AbortSignal,
  ): AsyncIterable<WatchEvent<T>> {
    const { namespace, ...rest } = options
    return this.transport.watch({ kind, namespace }, rest, signal) as AsyncIterable<WatchEvent<T>>
  }

  #named<O extends WriteOptions>(options: O): O {
    return options.fieldManager ? options : { ...options, fieldManager: this.fieldManager }
  }
}

function targetOf(
  kind: KindRef,
  key: { readonly namespace?: string | undefined; readonly name?: string | undefined },
): ApiTarget {
  return { kind, namespace: kind.namespaced ? key.namespace : undefined, name: key.name }
}

function withHeader(kind: KindRef, object: object): object {
  return { apiVersion: kindApiVersion(kind), kind: kind.kind, ...object }
}
