/** The wire types that Kubernetes' messages use. */
export const wireVarint = 0
export const wireFixed64 = 1
export const wireBytes = 2
const wireFixed32 = 5

/** Malformed wire data; the decoder adds the field path. */
export class WireError extends Error {
  override readonly name = "WireError"
}

/** Reads protobuf primitives from a window of a buffer; never past the window's end. */
export class WireReader {
  readonly #buffer: Buffer
  #at: number
  readonly #end: number

  constructor(buffer: Buffer, start = 0, end = buffer.length) {
    this.#buffer = buffer
    this.#at = start
    this.#end = end
  }

  /** A reader with nothing to read: a message that was not sent. */
  static readonly empty = new WireReader(Buffer.alloc(0))

  get done(): boolean {
    return this.#at >= this.#end
  }

  /** The next field's number and wire type. */
  tag(): { readonly number: number; readonly wire: number } {
    const tag = this.uint32()
    const number = tag >>> 3
    if (number === 0) throw new WireError("field number 0")
    return { number, wire: tag & 7 }
  }

  /** A varint that must fit into 32 bits: tags and lengths. */
  uint32(): number {
    const value = this.int64()
    if (typeof value === "bigint" || value < 0 || value > 0xffffffff) {
      throw new WireError("varint over 32 bits")
    }
    return value
  }

  /** A varint as a signed 64-bit integer: a number where that is exact. */
  int64(): number | bigint {
    let low = 0
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = this.#byte()
      low |= (byte & 0x7f) << shift
      if (byte < 0x80) return low
    }
    return this.#longVarint(low)
  }

  #longVarint(low: number): number | bigint {
    let value = BigInt(low)
    for (let shift = 28n; shift < 70n; shift += 7n) {
      const byte = this.#byte()
      value |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) {
        if (value >> 64n !== 0n) break
        const signed = BigInt.asIntN(64, value)
        const number = Number(signed)
        return Number.isSafeInteger(number) ? number : signed
      }
    }
    throw new WireError("varint over 64 bits")
  }

  double(): number {
    const at = this.#advance(8)
    return this.#buffer.readDoubleLE(at)
  }

  /** A length-delimited value; a view, not a copy. */
  bytes(): Buffer {
    const length = this.uint32()
    const at = this.#advance(length)
    return this.#buffer.subarray(at, at + length)
  }

  /** A reader of a length-delimited value. */
  window(): WireReader {
    const length = this.uint32()
    const at = this.#advance(length)
    return new WireReader(this.#buffer, at, at + length)
  }

  string(): string {
    const length = this.uint32()
    const at = this.#advance(length)
    return this.#buffer.toString("utf8", at, at + length)
  }

  /** Passes over a field of no interest. */
  skip(wire: number): void {
    if (wire === wireVarint) this.int64()
    else if (wire === wireFixed64) this.#advance(8)
    else if (wire === wireBytes) this.#advance(this.uint32())
    else if (wire === wireFixed32) this.#advance(4)
    else throw new WireError(`wire type ${wire}`)
  }

  #byte(): number {
    const byte = this.#at < this.#end ? this.#buffer[this.#at] : undefined
    if (byte === undefined) throw new WireError("unexpected end")
    this.#at += 1
    return byte
  }

  #advance(length: number): number {
    const at = this.#at
    if (length > this.#end - at) throw new WireError("unexpected end")
    this.#at = at + length
    return at
  }
}
