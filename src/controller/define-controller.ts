import type { Access, ScopeOf } from "./access.ts"
import type { Outcome, ReconcileResult } from "./outcome.ts"
import type { Observation, StatusOf } from "./scope.ts"
import type { Trigger } from "./trigger.ts"

/** One visible step of a reconcile. Its function name is the phase's name in logs and metrics. */
export type Phase<S> = (scope: S) => Outcome | Promise<Outcome>

/** A status as `observe` gives it: transition times and generations are the framework's. */
export type Observed<P> = Omit<StatusOf<P>, "conditions" | "observedGeneration"> & {
  readonly conditions?: readonly Observation[] | undefined
}

type PrimaryOf<A> = A extends Access<infer P> ? P : never

export interface ControllerDefinition<A> {
  /** Beside changes of the primary itself. */
  readonly triggers?: readonly Trigger[] | undefined
  /** Added before any phase runs, taken off when all teardown phases are done. */
  readonly finalizer?: string | undefined
  /**
   * Whether an object that is not being deleted is to carry the finalizer; all do unless given.
   */
  readonly needsFinalizer?: ((scope: ScopeOf<A>) => boolean) | undefined
  /** Run in order until one waits (unless it says `stop: false`) or throws. */
  readonly reconcile: readonly Phase<ScopeOf<A>>[]
  /** Run instead once the object is being deleted and carries the finalizer. */
  readonly teardown?: readonly Phase<ScopeOf<A>>[] | undefined
  /**
   * What the object made stays when it is deleted with orphans (`kubectl delete --cascade=orphan`):
   * the finalizer is taken off at once, without any teardown.
   */
  readonly leavesOrphans?: boolean | undefined
  /**
   * The whole status, from what the scope shows (edits written, `editStatus` included). Runs also
   * after a failure, though not after a write conflict, which is simply tried again. Fields that
   * the last status had and this one has not are dropped; condition types that are not our own
   * stay.
   */
  readonly observe?:
    | ((
        scope: ScopeOf<A>,
        result: ReconcileResult,
      ) => Observed<PrimaryOf<A>> | Promise<Observed<PrimaryOf<A>>>)
    | undefined
  /**
   * The condition types that this controller owns on its primary; `observe` may give no other. With
   * `Paused` among them the framework sets that one.
   */
  readonly conditions?: readonly string[] | undefined
  /** Says why the object is paused, beyond its own annotation; undefined when it is not. */
  readonly pausedBy?: ((scope: ScopeOf<A>) => string | undefined) | undefined
  /** How many objects are worked on at once; default 10. */
  readonly concurrency?: number | undefined
}

/** A controller, ready for a `Manager`; the types of its access are checked and gone. */
export interface Controller {
  readonly access: Access
  readonly definition: ControllerDefinition<Access>
}

/** Joins an access with what to do. */
export function defineController<A extends Access>(
  access: A,
  definition: ControllerDefinition<A>,
): Controller {
  return { access, definition }
}
