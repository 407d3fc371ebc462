import type { ApiServer, Record, Resource, ResourceRegistry } from "#apiserver"
import type { ApiObject, KindRef } from "#meta"

/** Kinds whose objects nobody owns and nothing waits for: they only expire. */
const eventsPrefix = "core/events/"

/**
 * What the API server stores right now, one resource for each table: custom resources come and go
 * while the server runs.
 */
export class ServedResources {
  readonly #registry: ResourceRegistry
  #generation = -1
  #byPrefix = new Map<string, Resource>()
  #byKind = new Map<string, Resource>()

  constructor(server: ApiServer) {
    this.#registry = server.registry
  }

  /** The resource whose objects have keys with this prefix. */
  ofPrefix(prefix: string): Resource | undefined {
    this.#refresh()
    return this.#byPrefix.get(prefix)
  }

  /** The resource of a kind, whichever version names it. */
  ofKind(group: string, kind: string): Resource | undefined {
    this.#refresh()
    return this.#byKind.get(`${group}/${kind}`)
  }

  /** Everything that can be listed and deleted, each table once. */
  get all(): readonly Resource[] {
    this.#refresh()
    return [...this.#byPrefix.values()]
  }

  #refresh(): void {
    const { generation, all } = this.#registry
    if (generation === this.#generation) return
    this.#generation = generation
    this.#byPrefix = new Map()
    this.#byKind = new Map()
    for (const resource of all) {
      if (!resource.verbs.includes("list") || !resource.verbs.includes("delete")) continue
      const known = this.#byPrefix.get(resource.table.prefix)
      if (known && resource.conversion) continue
      this.#byPrefix.set(resource.table.prefix, resource)
      this.#byKind.set(`${resource.group}/${resource.kind}`, resource)
    }
  }
}

/** A resource as clients name it; its objects have no type here. */
export function kindOf(resource: Resource): KindRef<ApiObject> {
  return resource as KindRef<ApiObject>
}

/** True for Events, which have no owners and keep nobody waiting. */
export function isEvent(record: Record): boolean {
  return record.key.startsWith(eventsPrefix)
}
