import type { Clock, Logger } from "#base"
import type { ApplyManifest, Manifest, Patch } from "#client"
import type {
  ApiObject,
  DeleteOptions,
  KindRef,
  ObjectCache,
  ObjectKey,
  ObjectOf,
  UntypedObject,
} from "#meta"

/** A value that may be changed in place. */
export type Draft<V> = V extends readonly (infer Item)[]
  ? Draft<Item>[]
  : V extends object
    ? { -readonly [Key in keyof V]: Draft<V[Key]> }
    : V

/** The status type of an object type. */
export type StatusOf<P> = P extends { readonly status?: infer S } ? NonNullable<S> : never

/** A condition without what the framework adds: transition time and observed generation. */
export interface Observation {
  readonly type: string
  readonly status: "True" | "False" | "Unknown"
  readonly reason: string
  readonly message?: string | undefined
}

export interface ScopeUpdateOptions {
  readonly subresource?: "status" | undefined
}

export interface ScopeDeleteOptions extends Omit<DeleteOptions, "preconditions" | "dryRun"> {
  /** Refuse with a conflict when the object is not exactly as given; its UID is always checked. */
  readonly unchanged?: boolean | undefined
}

/**
 * What one reconcile may see and do. `P` is the primary, `R` the kinds it reads, `W` the kinds it
 * writes, `C` the kinds it sets conditions on.
 */
export interface Scope<
  P extends ApiObject,
  R extends KindRef,
  W extends KindRef,
  C extends KindRef,
> {
  /** The primary, frozen, with every `edit` and `editStatus` so far. */
  readonly object: P
  readonly key: ObjectKey
  readonly clock: Clock
  readonly log: Logger
  /** Aborts when the manager stops. */
  readonly signal: AbortSignal

  /**
   * The cache of a declared kind: never older than our own writes. Absence in it is no evidence.
   */
  read<K extends R | KindRef<P>>(kind: K): ObjectCache<ObjectOf<K>>
  /** Asks the server: what deletes and recreations must be based on. */
  live<K extends R | W | C | KindRef<P>>(kind: K, key: ObjectKey): Promise<ObjectOf<K> | undefined>

  /** Rejects with `AlreadyExists` when the name is taken: look it up, it may be ours. */
  create<K extends W>(kind: K, object: Manifest<ObjectOf<K>>): Promise<ObjectOf<K>>
  update<K extends W>(
    kind: K,
    object: Manifest<ObjectOf<K>>,
    options?: ScopeUpdateOptions,
  ): Promise<ObjectOf<K>>
  patch<K extends W>(kind: K, key: ObjectKey, patch: Patch): Promise<ObjectOf<K>>
  /** Server-side apply, with force. */
  apply<K extends W>(kind: K, object: ApplyManifest<ObjectOf<K>>): Promise<ObjectOf<K>>
  /** Deletes exactly this object (by UID); an object that is gone already is no error. */
  delete<K extends W>(kind: K, object: ObjectOf<K>, options?: ScopeDeleteOptions): Promise<void>

  /**
   * Changes the primary's metadata or spec. All edits become one merge patch, locked to the version
   * that was read, when the phases are over (also after a failure) or at `flush`.
   */
  edit(change: (draft: Draft<Omit<P, "status">>) => void): void
  /** Writes the edits now. `object` is what the server answered. */
  flush(): Promise<void>
  /**
   * Changes what `object.status` shows to later phases and to `observe`, which decides what is
   * written.
   */
  editStatus(change: (status: Draft<StatusOf<P>>) => void): void

  /**
   * Sets declared conditions on somebody else's object, under a field manager of their own. Other
   * conditions stay, those that this controller set before included.
   */
  setConditions<K extends C>(
    kind: K,
    object: ObjectOf<K>,
    conditions: readonly Observation[],
  ): Promise<void>
  /** Takes conditions back that this controller set. */
  removeConditions<K extends C>(
    kind: K,
    object: ObjectOf<K>,
    types: readonly string[],
  ): Promise<void>

  /** Records an Event about the primary. */
  event(type: "Normal" | "Warning", reason: string, message: string): void
}

/** A reference as Cluster API's contracts make them: the version comes from the kind's CRD. */
export interface ContractReference {
  readonly apiGroup: string
  readonly kind: string
  readonly name: string
}

/** Names an object for a contract write. */
export interface ExternalKey extends ContractReference {
  readonly namespace?: string | undefined
}

/**
 * Objects of kinds that are known at run time only. A kind that was referenced once is watched from
 * then on: changes trigger the primaries that asked for the object and those that own it.
 * Every method rejects with `KindNotServedError` when no CRD serves the kind.
 */
export interface ExternalScope {
  /** From the cache. */
  external(
    reference: ContractReference,
    namespace: string | undefined,
  ): Promise<UntypedObject | undefined>
  /** Asks the server. */
  liveExternal(
    reference: ContractReference,
    namespace: string | undefined,
  ): Promise<UntypedObject | undefined>
  /** `apiVersion` is filled in; `kind` and `group` come from the reference. */
  createExternal(
    reference: { readonly apiGroup: string; readonly kind: string },
    object: Manifest<UntypedObject>,
  ): Promise<UntypedObject>
  applyExternal(
    reference: ExternalKey,
    object: Omit<ApplyManifest<UntypedObject>, "metadata"> & {
      readonly metadata?: Partial<UntypedObject["metadata"]> | undefined
    },
  ): Promise<UntypedObject>
  patchExternal(reference: ExternalKey, patch: Patch): Promise<UntypedObject>
  /** Deletes exactly this object (by UID); an object that is gone already is no error. */
  deleteExternal(object: UntypedObject): Promise<void>
}
