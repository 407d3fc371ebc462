import type { ApiObject } from "#meta"
import { kindRef } from "./kind-ref.ts"
import type { ObjectReference } from "./reference.ts"

/** `core/v1.Event`; the same object is served as `events.k8s.io/v1` in other words. */
export interface Event extends ApiObject {
  readonly involvedObject: ObjectReference
  readonly reason?: string | undefined
  readonly message?: string | undefined
  readonly type?: string | undefined
  readonly source?: EventSource | undefined
  readonly firstTimestamp?: string | null | undefined
  readonly lastTimestamp?: string | null | undefined
  readonly count?: number | undefined
  /** With microseconds. */
  readonly eventTime?: string | null | undefined
  readonly series?: EventSeries | undefined
  readonly action?: string | undefined
  readonly related?: ObjectReference | undefined
  readonly reportingComponent?: string | undefined
  readonly reportingInstance?: string | undefined
}

export interface EventSource {
  readonly component?: string | undefined
  readonly host?: string | undefined
}

export interface EventSeries {
  readonly count?: number | undefined
  readonly lastObservedTime?: string | undefined
}

export const EventKind = kindRef<Event>("v1", "Event")
