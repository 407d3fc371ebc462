import type { Clock, Logger } from "#base"
import type { ApplyManifest, Manifest, Patch } from "#client"
import {
  type ApiObject,
  isNotFound,
  keyOf,
  type KindRef,
  type ObjectCache,
  type ObjectKey,
  splitApiVersion,
  type UntypedObject,
} from "#meta"
import { applyConditions } from "./condition-writer.ts"
import type { ControllerContext } from "./controller-context.ts"
import { PrimaryDraft } from "./primary-draft.ts"
import { referenceText } from "./references.ts"
import type {
  ContractReference,
  ExternalKey,
  ExternalScope,
  Observation,
  Scope,
  ScopeDeleteOptions,
  ScopeUpdateOptions,
} from "./scope.ts"

type AnyKind = KindRef<ApiObject>
type ErasedScope = Scope<ApiObject, AnyKind, AnyKind, AnyKind> & ExternalScope

/** One reconcile's scope: checks every access and remembers which objects were asked for. */
export class ReconcileScope implements ErasedScope {
  readonly key: ObjectKey
  readonly clock: Clock
  readonly log: Logger
  readonly signal: AbortSignal
  readonly draft: PrimaryDraft
  /** What was asked for by name, for the `referenced` triggers. */
  readonly references = new Set<string>()
  readonly #context: ControllerContext

  constructor(context: ControllerContext, object: ApiObject) {
    const { client, clock, log, signal, access } = context.options
    const { namespace, name } = object.metadata
    this.#context = context
    this.key = keyOf(object)
    this.clock = clock
    this.signal = signal
    this.log = log.child({ object: { kind: access.primary.kind, namespace, name } })
    this.draft = new PrimaryDraft(client, access.primary, object)
  }

  get object(): ApiObject {
    return this.draft.object
  }

  read(kind: KindRef): ObjectCache<never> {
    const cache = this.#context.cache(kind)
    const onGet = (key: ObjectKey): void => this.#refer(kind, key)
    return new TrackedCache(cache, kind, onGet) as ObjectCache<ApiObject> as ObjectCache<never>
  }

  async live(kind: KindRef, key: ObjectKey): Promise<never> {
    this.#context.assertReadable(kind)
    this.#refer(kind, key)
    return (await this.#client.find(kind as AnyKind, key)) as never
  }

  async create(kind: KindRef, object: Manifest<ApiObject>): Promise<never> {
    this.#context.assertWritable(kind)
    return (await this.#client.create(kind as AnyKind, object)) as never
  }

  async update(
    kind: KindRef,
    object: Manifest<ApiObject>,
    options?: ScopeUpdateOptions,
  ): Promise<never> {
    this.#context.assertWritable(kind)
    return (await this.#client.update(kind as AnyKind, object, options)) as never
  }

  async patch(kind: KindRef, key: ObjectKey, patch: Patch): Promise<never> {
    this.#context.assertWritable(kind)
    return (await this.#client.patch(kind as AnyKind, key, patch)) as never
  }

  async apply(kind: KindRef, object: ApplyManifest<ApiObject>): Promise<never> {
    this.#context.assertWritable(kind)
    return (await this.#client.apply(kind as AnyKind, object)) as never
  }

  async delete(kind: KindRef, object: ApiObject, options?: ScopeDeleteOptions): Promise<void> {
    this.#context.assertWritable(kind)
    await this.#delete(kind as AnyKind, object, options)
  }

  edit(change: (draft: never) => void): void {
    this.draft.edit(change as (draft: object) => void)
  }

  editStatus(change: (status: never) => void): void {
    this.draft.editStatus(change as (status: object) => void)
  }

  async flush(): Promise<void> {
    await this.draft.flush()
  }

  async setConditions(
    kind: KindRef,
    object: ApiObject,
    conditions: readonly Observation[],
  ): Promise<void> {
    const change = { kind: kind as AnyKind, object, set: conditions, remove: [] }
    await applyConditions(this.#context, change)
  }

  async removeConditions(
    kind: KindRef,
    object: ApiObject,
    types: readonly string[],
  ): Promise<void> {
    const change = { kind: kind as AnyKind, object, set: [], remove: types }
    await applyConditions(this.#context, change)
  }

  event(type: "Normal" | "Warning", reason: string, message: string): void {
    this.#context.options.recorder.record({ about: this.draft.base, type, reason, message })
  }

  async external(
    reference: ContractReference,
    namespace: string | undefined,
  ): Promise<UntypedObject | undefined> {
    const { kind, key } = await this.#follow(reference, namespace)
    const cache = await this.#context.options.openExternal(kind)
    return cache.get(key.namespace, key.name)
  }

  async liveExternal(
    reference: ContractReference,
    namespace: string | undefined,
  ): Promise<UntypedObject | undefined> {
    const { kind, key } = await this.#follow(reference, namespace)
    await this.#context.options.openExternal(kind)
    return this.#client.find(kind, key)
  }

  async createExternal(
    reference: { readonly apiGroup: string; readonly kind: string },
    object: Manifest<UntypedObject>,
  ): Promise<UntypedObject> {
    const kind = await this.#context.resolve(reference.apiGroup, reference.kind)
    await this.#context.options.openExternal(kind)
    return this.#client.create(kind, object)
  }

  async applyExternal(
    reference: ExternalKey,
    object: Omit<ApplyManifest<UntypedObject>, "metadata"> & {
      readonly metadata?: Partial<UntypedObject["metadata"]> | undefined
    },
  ): Promise<UntypedObject> {
    const { kind, key } = await this.#follow(reference, reference.namespace)
    await this.#context.options.openExternal(kind)
    const manifest = { ...object, metadata: { ...object.metadata, ...key } }
    return this.#client.apply(kind, manifest)
  }

  async patchExternal(reference: ExternalKey, patch: Patch): Promise<UntypedObject> {
    const { kind, key } = await this.#follow(reference, reference.namespace)
    return this.#client.patch(kind, key, patch)
  }

  async deleteExternal(object: UntypedObject): Promise<void> {
    const { group } = splitApiVersion(object.apiVersion)
    const kind = await this.#context.resolve(group, object.kind)
    await this.#delete(kind, object)
  }

  get #client() {
    return this.#context.options.client
  }

  async #follow(
    reference: ContractReference,
    namespace: string | undefined,
  ): Promise<{ readonly kind: KindRef<UntypedObject>; readonly key: ObjectKey }> {
    const kind = await this.#context.resolve(reference.apiGroup, reference.kind)
    const key = kind.namespaced ? { namespace, name: reference.name } : { name: reference.name }
    this.#refer(kind, key)
    return { kind, key }
  }

  #refer(kind: KindRef, key: ObjectKey): void {
    const reference = referenceText(kind, key)
    if (this.references.has(reference)) return
    this.references.add(reference)
    this.#context.options.onReference(this.key, reference)
  }

  async #delete(kind: AnyKind, object: ApiObject, options: ScopeDeleteOptions = {}): Promise<void> {
    const { unchanged = false, ...rest } = options
    const { uid, resourceVersion } = object.metadata
    const preconditions = { uid, ...(unchanged ? { resourceVersion } : {}) }
    try {
      await this.#client.delete(kind, keyOf(object), { ...rest, preconditions })
    } catch (error) {
      if (!isNotFound(error)) throw error
    }
  }
}

class TrackedCache implements ObjectCache<ApiObject> {
  readonly #cache: ObjectCache<ApiObject>
  readonly #kind: KindRef
  readonly #onGet: (key: ObjectKey) => void

  constructor(cache: ObjectCache<ApiObject>, kind: KindRef, onGet: (key: ObjectKey) => void) {
    this.#cache = cache
    this.#kind = kind
    this.#onGet = onGet
  }

  get(namespace: string | undefined, name: string): ApiObject | undefined {
    this.#onGet(this.#kind.namespaced ? { namespace, name } : { name })
    return this.#cache.get(namespace, name)
  }

  list(namespace?: string): readonly ApiObject[] {
    return this.#cache.list(namespace)
  }

  ownedBy(uid: string): readonly ApiObject[] {
    return this.#cache.ownedBy(uid)
  }

  labelled(label: string, value: string, namespace?: string): readonly ApiObject[] {
    return this.#cache.labelled(label, value, namespace)
  }

  subscribe(handler: Parameters<ObjectCache<ApiObject>["subscribe"]>[0]): () => void {
    return this.#cache.subscribe(handler)
  }
}
