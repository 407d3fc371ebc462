/** Reads a stream by counts instead of by the pieces it comes in. */
export class ByteReader {
  readonly #pieces: AsyncIterator<Uint8Array>
  #held: Buffer = Buffer.alloc(0)
  #hasEnded = false

  constructor(pieces: AsyncIterable<Uint8Array>) {
    this.#pieces = pieces[Symbol.asyncIterator]()
  }

  /** So many bytes, fewer only at the end. */
  async upTo(count: number): Promise<Buffer> {
    while (this.#held.length < count && (await this.#fill())) continue
    return this.#take(Math.min(count, this.#held.length))
  }

  /**
   * The bytes up to a line break, which is included; undefined when none comes within the limit.
   */
  async line(maxBytes: number): Promise<Buffer | undefined> {
    let end = this.#held.indexOf("\n")
    while (end < 0 && this.#held.length < maxBytes && (await this.#fill())) {
      end = this.#held.indexOf("\n")
    }
    return end < 0 || end >= maxBytes ? undefined : this.#take(end + 1)
  }

  async isAtEnd(): Promise<boolean> {
    while (this.#held.length === 0 && (await this.#fill())) continue
    return this.#held.length === 0
  }

  /** Lets go of the stream. */
  async close(): Promise<void> {
    await this.#pieces.return?.()
  }

  async #fill(): Promise<boolean> {
    if (this.#hasEnded) return false
    const next = await this.#pieces.next()
    if (next.done) this.#hasEnded = true
    else this.#held = Buffer.concat([this.#held, next.value])
    return !this.#hasEnded
  }

  #take(count: number): Buffer {
    const taken = this.#held.subarray(0, count)
    this.#held = this.#held.subarray(count)
    return taken
  }
}
