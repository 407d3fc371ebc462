import { wireBytes } from "./wire-reader.ts"

/**
 * Writes protobuf primitives from the end of a buffer to its start, so that the length of a
 * message is known by the time its prefix is written. Callers write fields in descending order.
 */
export class WireWriter {
  #buffer = Buffer.allocUnsafe(1024)
  #at = this.#buffer.length

  /** How many bytes have been written so far. */
  get length(): number {
    return this.#buffer.length - this.#at
  }

  finish(): Uint8Array {
    return new Uint8Array(this.#buffer.subarray(this.#at))
  }

  raw(bytes: Uint8Array): void {
    const at = this.#reserve(bytes.length)
    this.#buffer.set(bytes, at)
  }

  string(text: string): void {
    const length = Buffer.byteLength(text)
    const at = this.#reserve(length)
    this.#buffer.write(text, at, "utf8")
  }

  double(value: number): void {
    const at = this.#reserve(8)
    this.#buffer.writeDoubleLE(value, at)
  }

  /** A varint; negative values take ten bytes, as in every 64-bit two's complement. */
  varint(value: number | bigint): void {
    const bytes: number[] = []
    if (typeof value === "number" && value >= 0 && Number.isSafeInteger(value)) {
      let rest = value
      for (; rest > 0x7f; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 0x80)
      bytes.push(rest)
    } else {
      let rest = BigInt.asUintN(64, BigInt(value))
      for (; rest > 0x7fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80)
      bytes.push(Number(rest))
    }
    const at = this.#reserve(bytes.length)
    for (const [index, byte] of bytes.entries()) this.#buffer[at + index] = byte
  }

  tag(number: number, wire: number): void {
    this.varint(number * 8 + wire)
  }

  /** Closes the length-delimited field whose content was written since `length` was `before`. */
  closeField(number: number, before: number): void {
    this.varint(this.length - before)
    this.tag(number, wireBytes)
  }

  #reserve(length: number): number {
    if (length > this.#at) {
      const used = this.length
      const grown = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, used + length))
      this.#buffer.copy(grown, grown.length - used, this.#at)
      this.#buffer = grown
      this.#at = grown.length - used
    }
    this.#at -= length
    return this.#at
  }
}
