import { openKeyStart, printable, redact } from "./redact.ts"

/** Output that is ready to be shown, and where in the file it ends. */
export interface OutputPiece {
  readonly text: string
  readonly endBytes: number
}

const longestLineBytes = 65_536
const longestKeyBytes = 16_384
/** What tokens, keys and base64 are not made of. */
const separators = [
  " ",
  ",",
  ";",
  ":",
  '"',
  "'",
  "\t",
  "\r",
  "{",
  "}",
  "(",
  ")",
  "<",
  ">",
  "|",
  "&",
]

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
    const isOverlong = lines === 0 && this.#held.length > longestLineBytes
    const ready = isOverlong ? this.#parting(this.#held.length - 512) : lines
    const key = openKeyStart(this.#held.toString("latin1", 0, ready))
    return this.#cut(key >= 0 && ready - key < longestKeyBytes ? key : ready)
  }

  /**
   * Where a line without an end may be parted, at most so far in: behind something that is in no
   * token or key, and in none of the secret values.
   */
  #parting(latest: number): number {
    const text = this.#held.toString("latin1", 0, latest)
    const part = Math.max(...separators.map((separator) => text.lastIndexOf(separator))) + 1
    let at = part > latest - longestKeyBytes ? part : latest
    for (const secret of this.#secrets.map((line) => Buffer.from(line.trim()))) {
      if (secret.length === 0) continue
      const start = this.#held.indexOf(secret, Math.max(0, at - secret.length + 1))
      if (start >= 0 && start < at) at = start
    }
    return at
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
