import type { KindRef } from "#meta"
import type { Resource } from "./resource.ts"

function pathOf(group: string, version: string, plural: string): string {
  return `${group}/${version}/${plural}`
}

/** Every resource that is served right now; it changes when custom resource definitions do. */
export class ResourceRegistry {
  readonly #byPath = new Map<string, Resource>()
  readonly #listeners = new Set<() => void>()
  #generation = 0

  /** Grows with every change: what is derived from the whole set can be cached under it. */
  get generation(): number {
    return this.#generation
  }

  get all(): readonly Resource[] {
    return [...this.#byPath.values()]
  }

  find(group: string, version: string, plural: string): Resource | undefined {
    return this.#byPath.get(pathOf(group, version, plural))
  }

  /** The resource a client's kind names, by group, version and plural. */
  resourceOf(kind: KindRef): Resource | undefined {
    return this.find(kind.group, kind.version, kind.plural)
  }

  hasGroupVersion(group: string, version: string): boolean {
    const prefix = pathOf(group, version, "")
    return [...this.#byPath.keys()].some((path) => path.startsWith(prefix))
  }

  /**
   * Serves `resources` as the versions of one group and plural, in place of what was served before.
   */
  replace(group: string, plural: string, resources: readonly Resource[]): void {
    for (const [path, resource] of this.#byPath) {
      if (resource.group === group && resource.plural === plural) this.#byPath.delete(path)
    }
    for (const resource of resources) {
      this.#byPath.set(pathOf(group, resource.version, plural), resource)
    }
    this.#generation += 1
    for (const listener of this.#listeners) listener()
  }

  /** Calls back, once, when the resource is not served any more, or served in another way. */
  onReplaced(resource: Resource, listener: () => void): () => void {
    const stop = this.onChange(() => {
      const { group, version, plural } = resource
      if (this.find(group, version, plural) === resource) return
      stop()
      listener()
    })
    return stop
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }
}
