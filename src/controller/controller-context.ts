import type { Clock, Logger } from "#base"
import type { Client } from "#client"
import type { ApiObject, KindRef, ObjectCache, ObjectKey, UntypedObject } from "#meta"
import { type Access, AccessError, kindName } from "./access.ts"
import type { EventRecorder } from "./event-recorder.ts"
import { KindNotServedError, type KindResolver } from "./kind-resolver.ts"

export interface ControllerContextOptions {
  readonly access: Access
  readonly client: Client
  readonly clock: Clock
  readonly log: Logger
  readonly recorder: EventRecorder
  readonly resolver: KindResolver | undefined
  /** Aborts when the controller stops. */
  readonly signal: AbortSignal
  /** The caches of the declared kinds and the primary, by `kindName`. */
  readonly caches: ReadonlyMap<string, ObjectCache<ApiObject>>
  /** Told at once when a primary asks for an object by name. */
  readonly onReference: (primary: ObjectKey, reference: string) => void
  /** Opens the cache of a kind known at run time only, and follows it. */
  readonly openExternal: (kind: KindRef<UntypedObject>) => Promise<ObjectCache<UntypedObject>>
}

/** What all reconciles of one controller share. */
export class ControllerContext {
  readonly options: ControllerContextOptions
  readonly #readable: ReadonlySet<string>
  readonly #writable: ReadonlySet<string>

  constructor(options: ControllerContextOptions) {
    const { access } = options
    this.options = options
    this.#writable = new Set(access.writes.map((kind) => kindName(kind)))
    this.#readable = new Set(
      [
        access.primary,
        ...access.reads,
        ...access.writes,
        ...access.conditions.map(({ kind }) => kind),
      ].map((kind) => kindName(kind)),
    )
  }

  /** Throws `AccessError` unless the kind is declared as read. */
  cache(kind: KindRef): ObjectCache<ApiObject> {
    const cache = this.options.caches.get(kindName(kind))
    if (!cache) this.#refuse("read", kind)
    return cache
  }

  assertReadable(kind: KindRef): void {
    if (!this.#readable.has(kindName(kind))) this.#refuse("read", kind)
  }

  assertWritable(kind: KindRef): void {
    if (!this.#writable.has(kindName(kind))) this.#refuse("write", kind)
  }

  /** The condition types that may be set on objects of the kind. */
  conditionTypes(kind: KindRef): readonly string[] {
    const declared = this.options.access.conditions.find(
      (entry) => kindName(entry.kind) === kindName(kind),
    )
    if (!declared) this.#refuse("set conditions on", kind)
    return declared.types
  }

  async resolve(apiGroup: string, kind: string): Promise<KindRef<UntypedObject>> {
    const { access, resolver } = this.options
    if (!access.contracts || !resolver) {
      throw new AccessError(`follow ${kind}.${apiGroup}: ${access.name} declares no contracts`)
    }
    const resolved = await resolver.resolve(apiGroup, kind)
    if (!resolved) throw new KindNotServedError(`find kind ${kind}.${apiGroup}: no CRD serves it`)
    return resolved
  }

  #refuse(verb: string, kind: KindRef): never {
    throw new AccessError(`${verb} ${kindName(kind)}: not declared by ${this.options.access.name}`)
  }
}
