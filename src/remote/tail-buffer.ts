/** Keeps the last `limitBytes` of what is pushed into it. */
export class TailBuffer {
  readonly #limitBytes: number
  #chunks: Buffer[] = []
  #sizeBytes = 0
  #truncated = false

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes
  }

  get truncated(): boolean {
    return this.#truncated
  }

  push(chunk: Buffer): void {
    this.#chunks.push(chunk)
    this.#sizeBytes += chunk.length
    while (this.#sizeBytes > this.#limitBytes) {
      const first = this.#chunks[0]
      if (first === undefined) return
      const excess = this.#sizeBytes - this.#limitBytes
      this.#truncated = true
      if (first.length <= excess) {
        this.#chunks.shift()
        this.#sizeBytes -= first.length
      } else {
        this.#chunks[0] = first.subarray(excess)
        this.#sizeBytes -= excess
      }
    }
  }

  toBuffer(): Buffer {
    return Buffer.concat(this.#chunks)
  }

  toString(): string {
    return this.toBuffer().toString("utf8")
  }
}
