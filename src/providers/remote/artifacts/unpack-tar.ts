import { once } from "node:events"
import { createReadStream, createWriteStream } from "node:fs"
import { mkdir, open } from "node:fs/promises"
import { dirname, join } from "node:path"
import { createGunzip } from "node:zlib"

import { ArtifactError } from "./artifact-error.ts"
import { isInside } from "./manifest.ts"

const blockBytes = 512
const longNameMaxBytes = 65_536

/**
 * Unpacks the regular files of a tar, gzipped or not, below a directory. Throws ArtifactError for a
 * path that leads out of it, for links and devices, and for an archive that is cut short.
 */
export async function unpackTar(file: string, directory: string): Promise<void> {
  const reader = new BlockReader(await openArchive(file))
  let longName: string | undefined
  for (;;) {
    const header = await reader.read(blockBytes)
    if (header.every((byte) => byte === 0)) return
    const size = sizeOf(header)
    const type = String.fromCharCode(header[156] ?? 0)
    const padding = (blockBytes - (size % blockBytes)) % blockBytes
    if (type === "L" || type === "x") {
      if (size > longNameMaxBytes) throw new ArtifactError("unpack archive: a name is too long")
      const body = (await reader.read(size)).toString("utf8")
      await reader.read(padding)
      longName = type === "L" ? body.replace(/\0.*$/s, "") : (paxPath(body) ?? longName)
      continue
    }
    const name = (longName ?? nameOf(header)).replace(/^\.\//, "").replace(/\/$/, "")
    longName = undefined
    if (type === "0" || type === "\0") await extract(reader, { name, size, directory })
    else if (type === "5" || type === "g") await reader.skip(size)
    else throw new ArtifactError(`unpack archive: ${name} is neither a file nor a directory`)
    await reader.read(padding)
  }
}

async function openArchive(file: string): Promise<AsyncIterable<Buffer>> {
  const handle = await open(file)
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(2), 0, 2, 0)
  await handle.close()
  const source = createReadStream(file)
  const isPacked = bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b
  if (!isPacked) return source
  const unpacked = createGunzip()
  source.on("error", (error) => unpacked.destroy(error))
  return source.pipe(unpacked)
}

async function extract(
  reader: BlockReader,
  entry: { readonly name: string; readonly size: number; readonly directory: string },
): Promise<void> {
  if (!isInside(entry.name)) {
    throw new ArtifactError(`unpack archive: ${JSON.stringify(entry.name)} leads out of it`)
  }
  const target = join(entry.directory, entry.name)
  await mkdir(dirname(target), { recursive: true, mode: 0o700 })
  const output = createWriteStream(target, { mode: 0o600, flags: "wx" })
  try {
    await once(output, "open")
    for await (const chunk of reader.take(entry.size)) {
      if (!output.write(chunk)) await once(output, "drain")
    }
    output.end()
    await once(output, "close")
  } finally {
    output.destroy()
  }
}

function nameOf(header: Buffer): string {
  const prefix = header.toString("latin1", 257, 262) === "ustar" ? field(header, 345, 155) : ""
  const name = field(header, 0, 100)
  return prefix === "" ? name : `${prefix}/${name}`
}

function field(header: Buffer, start: number, length: number): string {
  return header.toString("utf8", start, start + length).replace(/\0.*$/s, "")
}

/** Octal, or base 256 for what octal cannot hold. */
function sizeOf(header: Buffer): number {
  const isBinary = ((header[124] ?? 0) & 0x80) !== 0
  const size = isBinary
    ? Number(header.readBigUInt64BE(128))
    : Number.parseInt(field(header, 124, 12).trim() || "0", 8)
  if (!Number.isSafeInteger(size) || size < 0) {
    throw new ArtifactError("unpack archive: it is not a tar")
  }
  return size
}

function paxPath(body: string): string | undefined {
  return /(?:^|\n)\d+ path=([^\n]*)/.exec(body)?.[1]
}

/** Reads a stream in pieces of a wanted size. */
class BlockReader {
  readonly #source: AsyncIterator<Buffer>
  #rest: Buffer = Buffer.alloc(0)

  constructor(source: AsyncIterable<Buffer>) {
    this.#source = source[Symbol.asyncIterator]()
  }

  async read(size: number): Promise<Buffer> {
    const chunks: Buffer[] = []
    for await (const chunk of this.take(size)) chunks.push(chunk)
    return Buffer.concat(chunks)
  }

  async skip(size: number): Promise<void> {
    for await (const _ of this.take(size));
  }

  async *take(size: number): AsyncGenerator<Buffer> {
    for (let left = size; left > 0;) {
      if (this.#rest.length === 0) this.#rest = await this.#next()
      const part = this.#rest.subarray(0, left)
      this.#rest = this.#rest.subarray(part.length)
      left -= part.length
      yield part
    }
  }

  async #next(): Promise<Buffer> {
    try {
      const { value, done } = await this.#source.next()
      if (!done) return value
    } catch (error) {
      throw new ArtifactError(`unpack archive: ${(error as Error).message}`, { cause: error })
    }
    throw new ArtifactError("unpack archive: it is cut short")
  }
}
