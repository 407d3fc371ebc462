import { HostOperationError } from "./host-error.ts"

/**
 * A piece of what one of our scripts answers: `NAME FIELD… SIZE`, line break, that many bytes, line
 * break.
 */
export interface Frame {
  readonly name: string
  readonly fields: readonly string[]
  readonly body: Buffer
}

/** Shell functions that write frames: one for a value, one for a file of ours. */
export const frameFunctions = `
emit() { printf '%s %s\\n%s\\n' "$1" "\${#2}" "$2"; }
emit_file() { if [ -f "$2" ]; then emit "$1" "$(cat "$2")"; fi; }
`

/** No frame of ours comes near this: whoever sends more is not answering us. */
const frameMaxBytes = 16_777_216
const headerMaxBytes = 4_096

/** Takes bytes as they come and hands on whole frames. Throws HostOperationFailed for others. */
export class FrameReader {
  readonly #onFrame: (frame: Frame) => void
  #pending: Buffer = Buffer.alloc(0)
  #neededBytes = 1

  constructor(onFrame: (frame: Frame) => void) {
    this.#onFrame = onFrame
  }

  push(chunk: Buffer): void {
    this.#pending = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk])
    while (this.#pending.length >= this.#neededBytes && this.#next()) this.#neededBytes = 1
  }

  #next(): boolean {
    const end = this.#pending.indexOf(10)
    if (end > headerMaxBytes || (end < 0 && this.#pending.length > headerMaxBytes)) {
      throw new HostOperationError("read answer: a frame does not say how long it is")
    }
    if (end < 0) {
      this.#neededBytes = this.#pending.length + 1
      return false
    }
    const [name = "", ...fields] = this.#pending.toString("latin1", 0, end).split(" ")
    const size = fields.pop() ?? ""
    const sizeBytes = /^\d+$/.test(size) ? Number(size) : Infinity
    if (sizeBytes > frameMaxBytes) {
      throw new HostOperationError(
        `read answer: a frame is said to have ${size.slice(0, 40)} bytes`,
      )
    }
    const total = end + 1 + sizeBytes + 1
    if (this.#pending.length < total) {
      this.#neededBytes = total
      return false
    }
    const body = Buffer.from(this.#pending.subarray(end + 1, total - 1))
    this.#pending = this.#pending.subarray(total)
    this.#onFrame({ name, fields, body })
    return true
  }
}
