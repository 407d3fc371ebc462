import { compareKeys } from "./keys.ts"

const chunkLimit = 512

/** A set of keys in byte order. Kept in chunks, so that adding to a large set moves little. */
export class SortedKeys {
  /** Never an empty chunk, except when there are no keys at all. */
  readonly #chunks: string[][] = [[]]

  add(key: string): void {
    const at = this.#chunkFor(key)
    const chunk = this.#chunks[at] as string[]
    const index = firstAtOrAfter(chunk, key)
    if (chunk[index] === key) return
    chunk.splice(index, 0, key)
    if (chunk.length > chunkLimit) this.#chunks.splice(at + 1, 0, chunk.splice(chunkLimit / 2))
  }

  remove(key: string): void {
    const at = this.#chunkFor(key)
    const chunk = this.#chunks[at] as string[]
    const index = firstAtOrAfter(chunk, key)
    if (chunk[index] !== key) return
    chunk.splice(index, 1)
    if (chunk.length === 0 && this.#chunks.length > 1) this.#chunks.splice(at, 1)
  }

  /** The keys from `start` on and before `end`, at most `limit` of them. */
  range(start: string, end: string | undefined, limit = Number.POSITIVE_INFINITY): string[] {
    const keys: string[] = []
    for (let at = this.#chunkFor(start); at < this.#chunks.length; at += 1) {
      const chunk = this.#chunks[at] as string[]
      const stop = end === undefined ? chunk.length : firstAtOrAfter(chunk, end)
      for (let index = firstAtOrAfter(chunk, start); index < stop; index += 1) {
        if (keys.length >= limit) return keys
        keys.push(chunk[index] as string)
      }
      if (stop < chunk.length) break
    }
    return keys
  }

  /** How many keys there are from `start` on and before `end`. */
  count(start: string, end: string | undefined): number {
    let count = 0
    for (let at = this.#chunkFor(start); at < this.#chunks.length; at += 1) {
      const chunk = this.#chunks[at] as string[]
      const stop = end === undefined ? chunk.length : firstAtOrAfter(chunk, end)
      count += Math.max(0, stop - firstAtOrAfter(chunk, start))
      if (stop < chunk.length) break
    }
    return count
  }

  /** The last chunk that starts at or before the key. */
  #chunkFor(key: string): number {
    let low = 0
    let high = this.#chunks.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if (compareKeys(this.#chunks[middle]?.[0] ?? "", key) <= 0) low = middle
      else high = middle - 1
    }
    return low
  }
}

function firstAtOrAfter(keys: readonly string[], key: string): number {
  let low = 0
  let high = keys.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (compareKeys(keys[middle] as string, key) < 0) low = middle + 1
    else high = middle
  }
  return low
}
