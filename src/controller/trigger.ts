import type { ApiObject, KindRef, ObjectCache, ObjectKey, ObjectOf } from "#meta"

/** Reads caches while an event is mapped to keys; only kinds that the controller declared. */
export interface TriggerReader {
  read<K extends KindRef>(kind: K): ObjectCache<ObjectOf<K>>
}

/** Hands a key to the controller's queue. */
export type Enqueue = (key: ObjectKey) => void

/** What makes a controller look at an object, beside changes of the object itself. */
export type Trigger =
  | { readonly type: "owned"; readonly kind: KindRef }
  | { readonly type: "referenced"; readonly kind: KindRef }
  | {
      readonly type: "mapped"
      readonly kind: KindRef
      readonly map: (object: ApiObject, reader: TriggerReader) => Iterable<ObjectKey>
    }
  | {
      readonly type: "external"
      readonly name: string
      readonly subscribe: (enqueue: Enqueue) => () => void
    }

/** Objects of the kind trigger the primaries that they name as an owner. */
export function owned(kind: KindRef): Trigger {
  return { type: "owned", kind }
}

/**
 * Objects of the kind trigger the primaries whose latest reconcile read them by name, from the
 * cache or live, whether they were there or not: a missing Secret that appears, a template that
 * changes.
 */
export function referenced(kind: KindRef): Trigger {
  return { type: "referenced", kind }
}

/**
 * Objects of the kind trigger the keys that the function answers; it sees the old and the new
 * state.
 */
export function mapped<T extends ApiObject>(
  kind: KindRef<T>,
  map: (object: T, reader: TriggerReader) => Iterable<ObjectKey>,
): Trigger {
  return { type: "mapped", kind, map: map as (object: ApiObject) => Iterable<ObjectKey> }
}

/** Something that is no API object triggers: `subscribe` gives back the way to stop. */
export function external(name: string, subscribe: (enqueue: Enqueue) => () => void): Trigger {
  return { type: "external", name, subscribe }
}
