import type { Change, Entry, ListOptions, Revision } from "../store.ts"

/**
 * The store as a list of changes and nothing clever: every answer is worked out from the beginning.
 */
export class StoreModel {
  readonly changes: Change[] = []
  compacted: Revision = 0
  readonly #first: Revision

  constructor(first: Revision) {
    this.#first = first
  }

  get newest(): Revision {
    return this.changes.at(-1)?.revision ?? this.#first
  }

  get(key: string): Entry | undefined {
    return this.#stateAt(this.newest).get(key)
  }

  apply(write: { key: string; value: Uint8Array | undefined }, revision: Revision): void {
    const { key, value } = write
    const previous = this.get(key)
    this.changes.push({
      type: value === undefined ? "delete" : "put",
      key,
      revision,
      value,
      previous,
    })
  }

  list(prefix: string, options: ListOptions): { entries: Entry[]; count: number } {
    const { from = "", limit = Infinity, atRevision = this.newest } = options
    const all = [...this.#stateAt(atRevision).values()]
      .filter((entry) => entry.key.startsWith(prefix) && bytewise(entry.key, from) >= 0)
      .sort((left, right) => bytewise(left.key, right.key))
    return { entries: all.slice(0, limit), count: all.length }
  }

  /** The changes that a watch of the prefix from the revision tells. */
  after(prefix: string, from: Revision): Change[] {
    return this.changes.filter((change) => change.revision > from && change.key.startsWith(prefix))
  }

  #stateAt(revision: Revision): Map<string, Entry> {
    const state = new Map<string, Entry>()
    for (const { key, value, revision: at } of this.changes) {
      if (at > revision) break
      if (value === undefined) state.delete(key)
      else {
        const createRevision = state.get(key)?.createRevision ?? at
        state.set(key, { key, value, createRevision, revision: at })
      }
    }
    return state
  }
}

function bytewise(left: string, right: string): number {
  return Buffer.compare(Buffer.from(left), Buffer.from(right))
}
