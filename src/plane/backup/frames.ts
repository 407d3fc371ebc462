import { BackupError } from "./backup-error.ts"
import { ByteReader } from "./byte-reader.ts"
import type { Entry } from "#store"

/** What is in a backup, before it is sealed. Files come first, the store's entries last. */
export type Frame =
  | { readonly type: "head"; readonly head: BackupHead }
  /** Begins a file; its content follows. The path is relative, with forward slashes. */
  | { readonly type: "file"; readonly path: string }
  | { readonly type: "content"; readonly bytes: Uint8Array }
  /** Begins the store. */
  | { readonly type: "store"; readonly revision: number }
  | { readonly type: "entry"; readonly entry: Entry }

export interface BackupHead {
  readonly format: 1
  /** Milliseconds since 1970. */
  readonly createdAtMs: number
}

/** A frame is its length in four bytes, its type in one, and its body. */
const codes = { head: 1, file: 2, content: 3, store: 4, entry: 5 } as const
const lengthBytes = 4
const entryHeadBytes = 20
const frameMaxBytes = 64 * 1024 * 1024

export async function* encodeFrames(frames: AsyncIterable<Frame>): AsyncGenerator<Buffer, void> {
  for await (const frame of frames) {
    const body = bodyOf(frame)
    const head = Buffer.alloc(lengthBytes + 1)
    head.writeUInt32BE(body.length)
    head.writeUInt8(codes[frame.type], lengthBytes)
    yield Buffer.concat([head, body])
  }
}

/** Errors: `BackupError` for what no version of this program wrote. */
export async function* decodeFrames(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Frame, void> {
  const reader = new ByteReader(bytes)
  try {
    while (!(await reader.isAtEnd())) {
      const head = await reader.upTo(lengthBytes + 1)
      const length = head.length > lengthBytes ? head.readUInt32BE() : frameMaxBytes
      const body = length < frameMaxBytes ? await reader.upTo(length) : Buffer.alloc(0)
      if (body.length !== length)
        throw new BackupError("read backup: a part of it has a wrong length")
      yield frameOf(head.readUInt8(lengthBytes), body)
    }
  } finally {
    await reader.close()
  }
}

function bodyOf(frame: Frame): Uint8Array {
  switch (frame.type) {
    case "head":
      return Buffer.from(JSON.stringify(frame.head))
    case "file":
      return Buffer.from(frame.path)
    case "content":
      return frame.bytes
    case "store":
      return Buffer.from(String(frame.revision))
    case "entry":
      return encodeEntry(frame.entry)
  }
}

function frameOf(code: number, body: Buffer): Frame {
  switch (code) {
    case codes.head:
      return { type: "head", head: JSON.parse(body.toString()) as BackupHead }
    case codes.file:
      return { type: "file", path: body.toString() }
    case codes.content:
      return { type: "content", bytes: body }
    case codes.store:
      return { type: "store", revision: Number(body.toString()) }
    case codes.entry:
      return { type: "entry", entry: decodeEntry(body) }
    default:
      throw new BackupError(`read backup: unknown part ${code}; a newer version may know it`)
  }
}

/** Two revisions as doubles (they are below 2^53), the key's length, the key, the value. */
function encodeEntry({ key, value, createRevision, revision }: Entry): Buffer {
  const keyText = Buffer.from(key)
  const head = Buffer.alloc(entryHeadBytes)
  head.writeDoubleBE(createRevision, 0)
  head.writeDoubleBE(revision, 8)
  head.writeUInt32BE(keyText.length, 16)
  return Buffer.concat([head, keyText, value])
}

function decodeEntry(body: Buffer): Entry {
  if (body.length < entryHeadBytes) throw new BackupError("read backup: an entry is too short")
  const valueAt = entryHeadBytes + body.readUInt32BE(16)
  return {
    key: body.subarray(entryHeadBytes, valueAt).toString(),
    value: body.subarray(valueAt),
    createRevision: body.readDoubleBE(0),
    revision: body.readDoubleBE(8),
  }
}
