import { label } from "#apis"
import { external, type Trigger } from "#controller"
import { type ApiObject, type CacheSource, keyOf, type KindRef, type ObjectKey } from "#meta"

export interface ObjectChange<T> {
  readonly caches: CacheSource
  readonly kind: KindRef<T>
  /** What of the object matters, as a value to compare. */
  readonly relevant: (object: T) => string
  /** Who has to look, given the caches. */
  readonly keys: (object: T, caches: CacheSource) => Promise<Iterable<ObjectKey>>
}

/** All objects of the kind that belong to a Cluster, as `keys` of a change of it. */
export function ofCluster(kind: KindRef<ApiObject>): ObjectChange<ApiObject>["keys"] {
  return async ({ metadata: { namespace, name } }, caches) =>
    (await caches.cache(kind)).labelled(label.clusterName, name, namespace).map(keyOf)
}

/**
 * A trigger for changes of the part of an object that matters to others. A `mapped` trigger would
 * fire for every status write of an object that hundreds depend on.
 */
export function onRelevantChange<T extends ApiObject>(change: ObjectChange<T>): Trigger {
  const { caches, kind, relevant, keys } = change
  return external(`relevant changes of ${kind.kind}`, (enqueue) => {
    let isStopped = false
    let unsubscribe = (): void => {}
    const tell = (object: T): void => {
      void keys(object, caches).then((found) => {
        if (!isStopped) for (const key of found) enqueue(key)
      })
    }
    void caches.cache(kind).then((cache) => {
      if (isStopped) return
      unsubscribe = cache.subscribe(({ type, object, old }) => {
        const isNews = type !== "modified" || !old || relevant(old) !== relevant(object)
        if (isNews) tell(object)
      })
      // What happened between the start and this moment was not seen.
      for (const object of cache.list()) tell(object)
    })
    return () => {
      isStopped = true
      unsubscribe()
    }
  })
}
