import { type ApiObject, type CacheEvent, keyText, type ObjectCache } from "#meta"

/**
 * Objects of one kind by name, owner and label. Plain memory: who fills it freezes what it puts in.
 */
export class ObjectIndex<T extends ApiObject> implements ObjectCache<T> {
  readonly #namespaces = new Map<string, Map<string, T>>()
  readonly #owners = new Map<string, Set<T>>()
  /** By label, then value; a label is indexed from the first question about it on. */
  readonly #labels = new Map<string, Map<string, Set<T>>>()
  readonly #sorted = new Map<string, readonly T[]>()
  readonly #handlers = new Set<(event: CacheEvent<T>) => void>()

  get(namespace: string | undefined, name: string): T | undefined {
    return this.#namespaces.get(namespace ?? "")?.get(name)
  }

  list(namespace?: string): readonly T[] {
    if (namespace !== undefined) return this.#sortedOf(namespace)
    return [...this.#namespaces.keys()].sort(compareText).flatMap((name) => this.#sortedOf(name))
  }

  ownedBy(uid: string): readonly T[] {
    return sortObjects(this.#owners.get(uid) ?? [])
  }

  labelled(label: string, value: string, namespace?: string): readonly T[] {
    let values = this.#labels.get(label)
    if (!values) {
      values = new Map()
      this.#labels.set(label, values)
      for (const object of this.#all()) addTo(values, object.metadata.labels?.[label], object)
    }
    const found = sortObjects(values.get(value) ?? [])
    return namespace === undefined
      ? found
      : found.filter((object) => object.metadata.namespace === namespace)
  }

  subscribe(handler: (event: CacheEvent<T>) => void): () => void {
    const own = (event: CacheEvent<T>): void => handler(event)
    this.#handlers.add(own)
    return () => void this.#handlers.delete(own)
  }

  /** Puts the object in, tells the subscribers; nothing happens when it is the version we have. */
  put(object: T): void {
    const { namespace = "", name, resourceVersion } = object.metadata
    const old = this.get(namespace, name)
    if (
      old?.metadata.resourceVersion === resourceVersion &&
      old?.metadata.uid === object.metadata.uid
    )
      return
    if (old) this.#forget(old)
    let named = this.#namespaces.get(namespace)
    if (!named) this.#namespaces.set(namespace, (named = new Map<string, T>()))
    named.set(name, object)
    this.#sorted.delete(namespace)
    for (const owner of object.metadata.ownerReferences ?? []) {
      addTo(this.#owners, owner.uid, object)
    }
    for (const [label, values] of this.#labels) {
      addTo(values, object.metadata.labels?.[label], object)
    }
    this.#publish(old ? { type: "modified", object, old } : { type: "added", object })
  }

  /** Takes an object out; `last` is its final state, when known. */
  remove(namespace: string | undefined, name: string, last?: T): void {
    const old = this.get(namespace, name)
    if (!old) return
    this.#forget(old)
    const named = this.#namespaces.get(namespace ?? "")
    named?.delete(name)
    if (named?.size === 0) this.#namespaces.delete(namespace ?? "")
    this.#publish({ type: "deleted", object: last ?? old, old })
  }

  /** Makes the content exactly these objects, telling the subscribers only what differs. */
  replace(objects: readonly T[]): void {
    const kept = new Set(objects.map((object) => keyText(object.metadata)))
    for (const object of this.#all()) {
      if (!kept.has(keyText(object.metadata))) {
        this.remove(object.metadata.namespace, object.metadata.name)
      }
    }
    for (const object of objects) this.put(object)
  }

  *#all(): Generator<T> {
    for (const named of this.#namespaces.values()) yield* named.values()
  }

  #sortedOf(namespace: string): readonly T[] {
    let sorted = this.#sorted.get(namespace)
    if (!sorted) {
      sorted = sortObjects(this.#namespaces.get(namespace)?.values() ?? [])
      this.#sorted.set(namespace, sorted)
    }
    return sorted
  }

  #forget(object: T): void {
    this.#sorted.delete(object.metadata.namespace ?? "")
    for (const owner of object.metadata.ownerReferences ?? []) {
      removeFrom(this.#owners, owner.uid, object)
    }
    for (const [label, values] of this.#labels) {
      removeFrom(values, object.metadata.labels?.[label], object)
    }
  }

  #publish(event: CacheEvent<T>): void {
    for (const handler of this.#handlers) handler(event)
  }
}

function addTo<T>(index: Map<string, Set<T>>, key: string | undefined, object: T): void {
  if (key === undefined) return
  const objects = index.get(key)
  if (objects) objects.add(object)
  else index.set(key, new Set([object]))
}

function removeFrom<T>(index: Map<string, Set<T>>, key: string | undefined, object: T): void {
  if (key === undefined) return
  const objects = index.get(key)
  objects?.delete(object)
  if (objects?.size === 0) index.delete(key)
}

function sortObjects<T extends ApiObject>(objects: Iterable<T>): readonly T[] {
  return [...objects].sort(
    (left, right) =>
      compareText(left.metadata.namespace ?? "", right.metadata.namespace ?? "") ||
      compareText(left.metadata.name, right.metadata.name),
  )
}

function compareText(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0
}
