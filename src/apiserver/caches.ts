import { deepFreeze } from "#base"
import {
  type ApiObject,
  type CacheEvent,
  type CacheSource,
  type KindRef,
  notFound,
  type ObjectCache,
} from "#meta"
import { resourceName } from "./call.ts"
import { keyFor, type Record } from "./hub/record.ts"
import type { Table, TableChange } from "./hub/table.ts"
import type { ResourceRegistry } from "./registry.ts"

/** Caches that are views of the hub: nothing is copied, nothing can be stale. */
export class HubCaches implements CacheSource {
  readonly #registry: ResourceRegistry

  constructor(registry: ResourceRegistry) {
    this.#registry = registry
  }

  /** Errors: `NotFound` when the kind is not served; caches exist for stored versions only. */
  async cache<T>(kind: KindRef<T>): Promise<ObjectCache<T>> {
    return this.view(kind)
  }

  /** The same without waiting; in process there is nothing to wait for. */
  view<T>(kind: KindRef<T>): ObjectCache<T> {
    const resource = this.#registry.resourceOf(kind)
    if (!resource || resource.conversion) throw notFound(resourceName(kind), kind.version)
    return new HubCache<T>(resource.table)
  }
}

class HubCache<T> implements ObjectCache<T> {
  readonly #table: Table

  constructor(table: Table) {
    this.#table = table
  }

  get(namespace: string | undefined, name: string): T | undefined {
    const record = this.#table.get(keyFor(this.#table.prefix, namespace, name))
    return record && this.#show(record)
  }

  list(namespace?: string): readonly T[] {
    const { prefix } = this.#table
    const scope = namespace === undefined ? prefix : keyFor(prefix, namespace, "")
    return Array.from(this.#table.range(scope), (record) => this.#show(record))
  }

  ownedBy(uid: string): readonly T[] {
    return this.#table.ownedBy(uid).map((record) => this.#show(record))
  }

  labelled(label: string, value: string, namespace?: string): readonly T[] {
    return this.#table
      .labelled(label, value)
      .filter((record) => namespace === undefined || record.namespace === namespace)
      .map((record) => this.#show(record))
  }

  subscribe(handler: (event: CacheEvent<T>) => void): () => void {
    return this.#table.subscribe((change) => handler(this.#event(change)))
  }

  #event(change: TableChange): CacheEvent<T> {
    return {
      type: change.type,
      object: this.#show(change.record),
      ...(change.previous ? { old: this.#show(change.previous) } : {}),
    }
  }

  #show(record: Record): T {
    return frozen(record.object) as T
  }
}

/** Freezing is idempotent, and a parsed object is shared by everybody who reads it. */
function frozen(object: ApiObject): ApiObject {
  return deepFreeze(object)
}
