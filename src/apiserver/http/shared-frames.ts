import type { WatchItem } from "../verbs/watcher.ts"

type ChangeType = Exclude<WatchItem["type"], "BOOKMARK">

const bytesMax = 1024 * 1024
const newline = Buffer.from("}\n")
const prefixes = {
  ADDED: Buffer.from('{"type":"ADDED","object":'),
  MODIFIED: Buffer.from('{"type":"MODIFIED","object":'),
  DELETED: Buffer.from('{"type":"DELETED","object":'),
  BOOKMARK: Buffer.from('{"type":"BOOKMARK","object":'),
}

/** One line of a watch. */
export function encodeFrame(type: WatchItem["type"], object: Buffer): Buffer {
  return Buffer.concat([prefixes[type], object, newline])
}

/** A thousand watchers are told the same in one turn: its frame is made once. */
export class SharedFrames {
  readonly #frames = {
    ADDED: new Map<Buffer, Buffer>(),
    MODIFIED: new Map<Buffer, Buffer>(),
    DELETED: new Map<Buffer, Buffer>(),
  }
  #bytes = 0

  /** The frame of committed bytes, which are known by their identity. */
  of(type: ChangeType, object: Buffer): Buffer {
    const known = this.#frames[type].get(object)
    if (known) return known
    const frame = encodeFrame(type, object)
    this.#bytes += frame.length
    if (this.#bytes > bytesMax) this.#forget(frame.length)
    this.#frames[type].set(object, frame)
    return frame
  }

  #forget(bytes: number): void {
    for (const frames of Object.values(this.#frames)) frames.clear()
    this.#bytes = bytes
  }
}
