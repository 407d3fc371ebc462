interface Entry {
  readonly key: string
  readonly dueMs: number
}

/** Keys ordered by the time at which they are due; each key once, at its earliest time. */
export class DueHeap {
  readonly #entries: Entry[] = []
  readonly #dueMs = new Map<string, number>()

  /** When the first key is due; undefined when there is none. */
  get nextDueMs(): number | undefined {
    this.#dropStale()
    return this.#entries[0]?.dueMs
  }

  add(key: string, dueMs: number): void {
    const current = this.#dueMs.get(key)
    if (current !== undefined && current <= dueMs) return
    this.#dueMs.set(key, dueMs)
    this.#entries.push({ key, dueMs })
    this.#siftUp(this.#entries.length - 1)
  }

  delete(key: string): void {
    this.#dueMs.delete(key)
  }

  /** Takes out the first key that is due at that time. */
  takeDue(nowMs: number): string | undefined {
    this.#dropStale()
    const first = this.#entries[0]
    if (!first || first.dueMs > nowMs) return undefined
    this.#removeFirst()
    this.#dueMs.delete(first.key)
    return first.key
  }

  /**
   * Entries stay in the heap when their key is deleted or comes earlier; they go when they surface.
   */
  #dropStale(): void {
    for (;;) {
      const first = this.#entries[0]
      if (!first || this.#dueMs.get(first.key) === first.dueMs) return
      this.#removeFirst()
    }
  }

  #removeFirst(): void {
    const last = this.#entries.pop()
    if (!last || this.#entries.length === 0) return
    this.#entries[0] = last
    this.#siftDown(0)
  }

  #siftUp(start: number): void {
    let index = start
    while (index > 0) {
      const parent = (index - 1) >> 1
      if (this.#dueAt(parent) <= this.#dueAt(index)) return
      this.#swap(parent, index)
      index = parent
    }
  }

  #siftDown(start: number): void {
    let index = start
    for (;;) {
      const left = 2 * index + 1
      const right = left + 1
      let first = index
      if (this.#dueAt(left) < this.#dueAt(first)) first = left
      if (this.#dueAt(right) < this.#dueAt(first)) first = right
      if (first === index) return
      this.#swap(first, index)
      index = first
    }
  }

  #dueAt(index: number): number {
    return this.#entries[index]?.dueMs ?? Number.POSITIVE_INFINITY
  }

  #swap(left: number, right: number): void {
    const moved = this.#entries[left]
    const other = this.#entries[right]
    if (!moved || !other) return
    this.#entries[left] = other
    this.#entries[right] = moved
  }
}
