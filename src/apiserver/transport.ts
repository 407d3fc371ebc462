import { deepFreeze } from "#base"
import {
  ApiError,
  type ApiObject,
  type ApiTarget,
  type ApiTransport,
  type DeleteOptions,
  type ListOptions,
  notFound,
  type ObjectList,
  type PatchOptions,
  type PatchType,
  type UserInfo,
  type VersionResolver,
  type WatchEvent,
  type WatchOptions,
  type WriteOptions,
} from "#meta"
import type { Authorizer } from "./authorization/authorizer.ts"
import { authorize } from "./authorization/authorize.ts"
import { type Call, resourceName, type WriteCall } from "./call.ts"
import type { Record } from "./hub/record.ts"
import type { ResourceRegistry } from "./registry.ts"
import type { SubresourceHandlers } from "./subresources/handler.ts"
import type { Verbs } from "./verbs/verbs.ts"
import type { WatchItem } from "./verbs/watch-channel.ts"
import { itemObject } from "./verbs/watcher.ts"

export interface InProcessOptions {
  readonly user: UserInfo
  /** Names the writer in managed fields unless a call names another. */
  readonly fieldManager: string
  readonly registry: ResourceRegistry
  readonly verbs: Verbs
  readonly authorizer: Authorizer
  readonly subresources: SubresourceHandlers
  readonly resolve: VersionResolver
}

/** A client's way into this very process: the same checks as HTTP, without the socket. */
export class InProcessTransport implements ApiTransport {
  readonly #options: InProcessOptions

  constructor(options: InProcessOptions) {
    this.#options = options
  }

  async get(target: ApiTarget): Promise<ApiObject> {
    const call = await this.#call(target, "get")
    const handler = this.#handler(call)
    if (handler?.get) return await handler.get(call)
    return this.#show(call, this.#options.verbs.get(call))
  }

  async list(target: ApiTarget, options: ListOptions): Promise<ObjectList<ApiObject>> {
    const call = await this.#call(target, "list")
    const page = await this.#options.verbs.list(call, options)
    return {
      items: page.records.map((record) => this.#show(call, record)),
      resourceVersion: String(page.revision),
      continue: page.continue,
      remainingItemCount: page.remaining,
    }
  }

  async create(target: ApiTarget, object: unknown, options: WriteOptions): Promise<ApiObject> {
    const call = await this.#writeCall(target, "create", options)
    const handler = this.#handler(call)
    if (handler?.create) return await handler.create(call, object)
    const { verbs } = this.#options
    return deepFreeze((await verbs.create({ ...call, name: undefined }, object)).object)
  }

  async update(target: ApiTarget, object: unknown, options: WriteOptions): Promise<ApiObject> {
    const call = await this.#writeCall(target, "update", options)
    const handler = this.#handler(call)
    if (handler?.update) return await handler.update(call, object)
    return deepFreeze((await this.#options.verbs.update(call, object)).object)
  }

  async patch(
    target: ApiTarget,
    patch: { readonly type: PatchType; readonly body: unknown },
    options: PatchOptions,
  ): Promise<ApiObject> {
    const call = await this.#writeCall(target, "patch", options)
    const fieldManager = options.fieldManager ?? this.#options.fieldManager
    const handler = this.#handler(call)
    if (handler?.patch) return await handler.patch(call, patch, { ...options, fieldManager })
    const written = await this.#options.verbs.patch(call, patch, { ...options, fieldManager })
    return deepFreeze(written.object)
  }

  async delete(target: ApiTarget, options: DeleteOptions): Promise<void> {
    const call = await this.#writeCall(target, "delete", options)
    await this.#options.verbs.delete(call, options)
  }

  async *watch(
    target: ApiTarget,
    options: WatchOptions,
    signal: AbortSignal,
  ): AsyncGenerator<WatchEvent<ApiObject>> {
    const call = await this.#call(target, "watch")
    const watch = this.#options.verbs.watch(call, options)
    const onAbort = (): void => watch.end()
    signal.addEventListener("abort", onAbort, { once: true })
    if (signal.aborted) watch.end()
    const forget = this.#options.registry.onReplaced(call.resource, onAbort)
    try {
      for await (const { items } of watch) {
        for (const item of items) yield this.#event(call, item)
      }
    } finally {
      signal.removeEventListener("abort", onAbort)
      forget()
    }
  }

  #event(call: Call, item: WatchItem): WatchEvent<ApiObject> {
    if (item.type === "BOOKMARK") {
      return {
        type: "BOOKMARK",
        resourceVersion: String(item.revision),
        initialEventsEnd: item.initialEventsEnd,
      }
    }
    const object = itemObject(call.resource, item, this.#options.resolve)
    return { type: item.type, object: deepFreeze(object) }
  }

  #show(call: Call, record: Record): ApiObject {
    return deepFreeze(this.#options.verbs.show(call.resource, record))
  }

  #handler(call: Call): ReturnType<SubresourceHandlers["find"]> {
    return this.#options.subresources.find(call)
  }

  async #writeCall(
    target: ApiTarget,
    verb: string,
    options: WriteOptions & { readonly dryRun?: boolean | undefined },
  ): Promise<WriteCall> {
    const call = await this.#call(target, verb)
    const manager = options.fieldManager ?? this.#options.fieldManager
    return { ...call, options: { ...options, manager } }
  }

  async #call(target: ApiTarget, verb: string): Promise<Call> {
    const { registry, user, authorizer } = this.#options
    const resource = registry.resourceOf(target.kind)
    if (!resource) throw notFound(resourceName(target.kind), target.name ?? "")
    if (resource.namespaced && target.namespace === undefined && target.name !== undefined) {
      throw new ApiError(
        400,
        "BadRequest",
        `${resource.kind} ${target.name}: a namespace is needed`,
      )
    }
    const call: Call = {
      user,
      resource,
      namespace: resource.namespaced ? target.namespace : undefined,
      name: target.name,
      subresource: target.subresource,
      warn: () => {},
    }
    authorize(authorizer, call, verb)
    return call
  }
}
