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

/** Takes bytes as they come and hands on whole frames. */
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
    if (end < 0) {
      this.#neededBytes = this.#pending.length + 1
      return false
    }
    const [name = "", ...fields] = this.#pending.toString("latin1", 0, end).split(" ")
    const sizeBytes = Number(fields.pop())
    const total = end + 1 + sizeBytes + 1
    if (!Number.isSafeInteger(sizeBytes)) throw new SyntaxError("read answer: not a frame")
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
