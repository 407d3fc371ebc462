import { openKeyStart, printable, redact } from "./redact.ts"

/** Output that is ready to be shown, and where in the file it ends. */
export interface OutputPiece {
  readonly text: string
  readonly endBytes: number
}

const longestLineBytes = 65_536
const longestKeyBytes = 16_384

/**
 * Turns the bytes of an output file, as they come, into redacted text. Whole lines only, and
 * private keys only once their end is there, so that no secret slips through in two halves.
 */
export class StepOutput {
  readonly #secrets: readonly string[]
  #held: Buffer = Buffer.alloc(0)
  #endBytes = 0

  constructor(secrets: readonly string[]) {
    this.#secrets = secrets
  }

  /** Takes the bytes at an offset of the file. */
  push(offsetBytes: number, chunk: Buffer): OutputPiece | undefined {
    if (offsetBytes !== this.#endBytes + this.#held.length) {
      this.#held = Buffer.alloc(0)
      this.#endBytes = offsetBytes
    }
    this.#held = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk])
    const lines = this.#held.lastIndexOf(10) + 1
    const overlong = this.#held.length > longestLineBytes ? this.#held.length - 512 : 0
    const ready = lines > 0 ? lines : overlong
    const key = openKeyStart(this.#held.toString("latin1", 0, ready))
    return this.#cut(key >= 0 && ready - key < longestKeyBytes ? key : ready)
  }

  /** Gives out what was held back: nothing more comes. */
  flush(): OutputPiece | undefined {
    return this.#cut(this.#held.length)
  }

  #cut(sizeBytes: number): OutputPiece | undefined {
    if (sizeBytes === 0) return undefined
    const bytes = this.#held.subarray(0, sizeBytes)
    this.#held = Buffer.from(this.#held.subarray(sizeBytes))
    this.#endBytes += sizeBytes
    const text = redact(printable(bytes.toString("utf8")), this.#secrets)
    return { text, endBytes: this.#endBytes }
  }
}
