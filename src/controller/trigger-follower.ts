import { type Logger, messageOf } from "#base"
import {
  type ApiObject,
  type CacheEvent,
  type CacheSource,
  keyText,
  type KindRef,
  type ObjectCache,
  type ObjectKey,
  splitApiVersion,
  type UntypedObject,
} from "#meta"
import { kindName } from "./access.ts"
import type { ControllerContext } from "./controller-context.ts"
import { parseKey } from "./parse-key.ts"
import { References, referenceText } from "./references.ts"
import type { Enqueue, Trigger } from "./trigger.ts"

export interface TriggerFollowerOptions {
  readonly context: ControllerContext
  /** Where caches of kinds known at run time come from. */
  readonly source: CacheSource
  readonly enqueue: Enqueue
  readonly log: Logger
}

/** Turns changes into keys of one controller. */
export class TriggerFollower {
  readonly #context: ControllerContext
  readonly #source: CacheSource
  readonly #enqueue: Enqueue
  readonly #log: Logger
  readonly #references = new References()
  readonly #external = new Map<string, Promise<ObjectCache<UntypedObject>>>()
  readonly #unsubscribe: (() => void)[] = []
  #isStopped = false

  constructor(options: TriggerFollowerOptions) {
    this.#context = options.context
    this.#source = options.source
    this.#enqueue = options.enqueue
    this.#log = options.log
  }

  stop(): void {
    this.#isStopped = true
    for (const unsubscribe of this.#unsubscribe.splice(0)) unsubscribe()
  }

  followPrimary(cache: ObjectCache<ApiObject>): void {
    this.#unsubscribe.push(cache.subscribe((event) => this.#enqueue(event.object.metadata)))
  }

  addReference(primary: ObjectKey, reference: string): void {
    this.#references.add(keyText(primary), reference)
  }

  /** What the primary asked for by name in its latest reconcile. */
  setReferences(primary: string, references: ReadonlySet<string>): void {
    this.#references.replace(primary, references)
  }

  follow(trigger: Trigger): void {
    if (trigger.type === "external") {
      this.#unsubscribe.push(trigger.subscribe((key) => this.#enqueue(key)))
      return
    }
    const cache = this.#context.cache(trigger.kind)
    this.#unsubscribe.push(
      cache.subscribe((event) => {
        for (const object of statesOf(event)) this.#onChange(trigger, object)
      }),
    )
  }

  #onChange(trigger: Exclude<Trigger, { type: "external" }>, object: ApiObject): void {
    switch (trigger.type) {
      case "owned":
        this.#enqueueOwners(object)
        break
      case "referenced":
        this.#enqueueReferring(trigger.kind, object)
        break
      case "mapped": {
        const reader = { read: (kind: KindRef) => this.#context.cache(kind) as ObjectCache<never> }
        try {
          for (const key of trigger.map(object, reader)) this.#enqueue(key)
        } catch (error) {
          // Whoever feeds the cache must not fail for a mistake in one controller.
          this.#log.error("trigger failed", { kind: trigger.kind.kind, error: messageOf(error) })
        }
        break
      }
    }
  }

  #enqueueOwners(object: ApiObject): void {
    const { primary } = this.#context.options.access
    for (const owner of object.metadata.ownerReferences ?? []) {
      const { group } = splitApiVersion(owner.apiVersion)
      if (group !== primary.group || owner.kind !== primary.kind) continue
      const namespace = primary.namespaced ? object.metadata.namespace : undefined
      this.#enqueue({ namespace, name: owner.name })
    }
  }

  #enqueueReferring(kind: KindRef, object: ApiObject): void {
    for (const key of this.#references.primariesOf(referenceText(kind, object.metadata))) {
      this.#enqueue(parseKey(key))
    }
  }

  /** Opens the cache of a kind known at run time only; its changes trigger from then on. */
  openExternal(kind: KindRef<UntypedObject>): Promise<ObjectCache<UntypedObject>> {
    const name = kindName(kind)
    let opened = this.#external.get(name)
    if (!opened) {
      opened = this.#followExternal(kind)
      this.#external.set(name, opened)
      opened.catch(() => this.#external.delete(name))
    }
    return opened
  }

  async #followExternal(kind: KindRef<UntypedObject>): Promise<ObjectCache<UntypedObject>> {
    const cache = await this.#source.cache(kind)
    const onEvent = (event: CacheEvent<UntypedObject>): void => {
      this.#enqueueReferring(kind, event.object)
      for (const object of statesOf(event)) this.#enqueueOwners(object)
    }
    if (!this.#isStopped) this.#unsubscribe.push(cache.subscribe(onEvent))
    return cache
  }
}

/** The state before and after, so that a moved owner or label tells both sides. */
function statesOf<T>(event: CacheEvent<T>): readonly T[] {
  return event.old === undefined || event.type === "deleted"
    ? [event.object]
    : [event.old, event.object]
}
