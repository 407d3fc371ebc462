import type { KindRef, ObjectKey } from "#meta"

/** Names one object of one kind, whatever the version. */
export function referenceText(kind: KindRef, key: ObjectKey): string {
  return `${kind.group}/${kind.plural}/${key.namespace ?? ""}/${key.name}`
}

/** Who asked for which objects in its latest reconcile, in both directions. */
export class References {
  readonly #byPrimary = new Map<string, ReadonlySet<string>>()
  readonly #primaries = new Map<string, Set<string>>()

  /** The primary asks for the object right now: a change must reach it even before it is done. */
  add(primary: string, reference: string): void {
    const primaries = this.#primaries.get(reference)
    if (primaries) primaries.add(primary)
    else this.#primaries.set(reference, new Set([primary]))
  }

  /** The primary's references are now exactly these. */
  replace(primary: string, references: ReadonlySet<string>): void {
    for (const old of this.#byPrimary.get(primary) ?? []) {
      if (references.has(old)) continue
      const primaries = this.#primaries.get(old)
      primaries?.delete(primary)
      if (primaries?.size === 0) this.#primaries.delete(old)
    }
    for (const reference of references) this.add(primary, reference)
    if (references.size === 0) this.#byPrimary.delete(primary)
    else this.#byPrimary.set(primary, references)
  }

  /** The primaries that asked for the object. */
  primariesOf(reference: string): Iterable<string> {
    return this.#primaries.get(reference) ?? []
  }
}
