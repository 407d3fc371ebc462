import type { Change, Revision, Store, WatchBatch } from "../store.ts"

/** Follows one watch and remembers what it was told. */
export class WatchReader {
  readonly changes: Change[] = []
  progress: Revision
  readonly #abort = new AbortController()
  readonly #iterator: AsyncIterator<WatchBatch>

  constructor(store: Store, prefix: string, from: Revision) {
    this.progress = from
    this.#iterator = store.watch(prefix, from, this.#abort.signal)[Symbol.asyncIterator]()
  }

  /** Reads one batch; false when the watch has ended. */
  async step(): Promise<boolean> {
    const { done, value } = await this.#iterator.next()
    if (done === true) return false
    this.changes.push(...value.changes)
    this.progress = value.progress
    return true
  }

  /** Reads until everything up to the revision was delivered. */
  async reach(revision: Revision): Promise<readonly Change[]> {
    while (this.progress < revision) {
      if (!(await this.step())) throw new Error(`the watch ended at revision ${this.progress}`)
    }
    return this.changes
  }

  abort(): void {
    this.#abort.abort()
  }
}
