import type { ApiObject, KindRef } from "#meta"
import type { ExternalScope, Scope } from "./scope.ts"

/** Condition types that a controller sets on objects which are not its own. */
export interface ConditionAccess<K extends KindRef = KindRef> {
  readonly kind: K
  readonly types: readonly string[]
}

/**
 * What one controller reads and writes. Everything else is refused, by the compiler and again at
 * run time. Besides this it always may write its own primary and Events.
 */
export interface Access<
  P extends ApiObject = ApiObject,
  R extends KindRef = KindRef,
  W extends KindRef = KindRef,
  C extends KindRef = KindRef,
  X extends boolean = boolean,
> {
  /** Names the controller in users, field managers, logs and metrics: lower case, dashes. */
  readonly name: string
  readonly primary: KindRef<P>
  /** Kinds that are cached for it; triggers may name these and the primary. */
  readonly reads: readonly R[]
  /** Kinds that it creates, changes and deletes; it may read them live. */
  readonly writes: readonly W[]
  readonly conditions: readonly ConditionAccess<C>[]
  /** It follows references to kinds that are known at run time only. */
  readonly contracts: X
  /** Default `mothership-<name>`. */
  readonly fieldManager: string
}

export interface AccessOptions<
  P extends ApiObject,
  R extends readonly KindRef[],
  W extends readonly KindRef[],
  C extends KindRef,
  X extends boolean,
> {
  readonly name: string
  readonly primary: KindRef<P>
  readonly reads?: R | undefined
  readonly writes?: W | undefined
  readonly conditions?: readonly ConditionAccess<C>[] | undefined
  readonly contracts?: X | undefined
  readonly fieldManager?: string | undefined
}

export function defineAccess<
  P extends ApiObject,
  const R extends readonly KindRef[] = readonly [],
  const W extends readonly KindRef[] = readonly [],
  C extends KindRef = never,
  X extends boolean = false,
>(options: AccessOptions<P, R, W, C, X>): Access<P, R[number], W[number], C, X> {
  const { name, primary, reads = [], writes = [], conditions = [], contracts = false } = options
  const { fieldManager = `mothership-${name}` } = options
  return {
    name,
    primary,
    reads,
    writes,
    conditions,
    contracts: contracts as X,
    fieldManager,
  }
}

/** The scope that phases of a controller with this access are given. */
export type ScopeOf<A> =
  A extends Access<infer P, infer R, infer W, infer C, infer X>
    ? Scope<P, R, W, C> & (X extends true ? ExternalScope : unknown)
    : never

/** The kind as `Kind.version.group`, for messages and map keys. */
export function kindName(kind: KindRef): string {
  return kind.group === ""
    ? `${kind.kind}.${kind.version}`
    : `${kind.kind}.${kind.version}.${kind.group}`
}

/** Access to something that was not declared: a mistake in a controller. */
export class AccessError extends Error {
  override readonly name = "AccessError"
}
