import {
  type CipherGCM,
  createCipheriv,
  createDecipheriv,
  type DecipherGCM,
  randomBytes,
  scrypt,
} from "node:crypto"
import { BackupError } from "./backup-error.ts"
import { ByteReader } from "./byte-reader.ts"

/**
 * An encrypted stream: a line that names the format, a line of JSON with the parameters, then
 * chunks, each sealed by itself with AES-256-GCM under a key that scrypt makes from the passphrase
 * and a salt of the stream's own. A chunk's nonce is its number and whether it is the last, and it
 * vouches for the two lines too: chunks cannot be changed, moved, left out or cut off unnoticed.
 */
const magic = "mothership backup 1"
const chunkBytes = 64 * 1024
const tagBytes = 16
const headerMaxBytes = 1024
const keyBytes = 32
const saltBytes = 16

/** 128 MiB and some tenths of a second for each guess at a passphrase. */
const cost = { N: 2 ** 17, r: 8, p: 1 }
const memoryMaxBytes = 512 * 1024 * 1024

interface Parameters {
  readonly kdf: "scrypt"
  readonly n: number
  readonly r: number
  readonly p: number
  readonly salt: string
}

/** Encrypts a stream of bytes. */
export async function* seal(
  content: AsyncIterable<Uint8Array>,
  passphrase: string,
): AsyncGenerator<Buffer, void> {
  const salt = randomBytes(saltBytes)
  const { N: n, r, p } = cost
  const parameters: Parameters = { kdf: "scrypt", n, r, p, salt: salt.toString("base64") }
  const header = Buffer.from(`${magic}\n${JSON.stringify(parameters)}\n`)
  yield header
  const key = await deriveKey(passphrase, parameters)
  let number = 0
  let held: Buffer = Buffer.alloc(0)
  for await (const part of content) {
    held = Buffer.concat([held, part])
    // What is held back may turn out to be the last chunk.
    while (held.length > chunkBytes) {
      yield sealChunk(held.subarray(0, chunkBytes), { key, header, number, isLast: false })
      held = held.subarray(chunkBytes)
      number += 1
    }
  }
  yield sealChunk(held, { key, header, number, isLast: true })
}

/**
 * Decrypts a sealed stream; a chunk is given out only after its tag was found right, and the stream
 * ends only after its last chunk was. Errors: `BackupError` for a wrong passphrase, and for what is
 * no backup, damaged or cut off.
 */
export async function* unseal(
  sealed: AsyncIterable<Uint8Array>,
  passphrase: string,
): AsyncGenerator<Buffer, void> {
  const reader = new ByteReader(sealed)
  const { header, parameters } = await readHeader(reader)
  const key = await deriveKey(passphrase, parameters)
  for (let number = 0; ; number += 1) {
    const chunk = await reader.upTo(chunkBytes + tagBytes)
    const isLast = chunk.length < chunkBytes + tagBytes || (await reader.isAtEnd())
    const content = openChunk(chunk, { key, header, number, isLast })
    if (content === undefined) throw new BackupError(reasonOf(number, isLast))
    yield content
    if (isLast) return
  }
}

interface ChunkContext {
  readonly key: Buffer
  readonly header: Buffer
  readonly number: number
  readonly isLast: boolean
}

function sealChunk(content: Buffer, { key, header, ...place }: ChunkContext): Buffer {
  const cipher: CipherGCM = createCipheriv("aes-256-gcm", key, nonceOf(place))
  cipher.setAAD(header)
  return Buffer.concat([cipher.update(content), cipher.final(), cipher.getAuthTag()])
}

/** Undefined when the chunk is not what was sealed at this place. */
function openChunk(chunk: Buffer, context: ChunkContext): Buffer | undefined {
  if (chunk.length < tagBytes) return undefined
  const { key, header, ...place } = context
  const end = chunk.length - tagBytes
  const decipher: DecipherGCM = createDecipheriv("aes-256-gcm", key, nonceOf(place))
  decipher.setAAD(header)
  decipher.setAuthTag(chunk.subarray(end))
  try {
    return Buffer.concat([decipher.update(chunk.subarray(0, end)), decipher.final()])
  } catch {
    return undefined
  }
}

/** The key is used for one stream only, so that a number is enough to never repeat a nonce. */
function nonceOf({ number, isLast }: Pick<ChunkContext, "number" | "isLast">): Buffer {
  const nonce = Buffer.alloc(12)
  nonce.writeUInt32BE(number, 7)
  nonce.writeUInt8(isLast ? 1 : 0, 11)
  return nonce
}

/** A first chunk that does not open may be damaged as well, but is most often a mistyped word. */
function reasonOf(number: number, isLast: boolean): string {
  if (number === 0) return "open backup: wrong passphrase, or the file is damaged"
  return isLast
    ? "open backup: the file is damaged, or its end is missing"
    : `open backup: the file is damaged (chunk ${number})`
}

async function readHeader(
  reader: ByteReader,
): Promise<{ readonly header: Buffer; readonly parameters: Parameters }> {
  const first = await reader.line(headerMaxBytes)
  if (first?.toString() !== `${magic}\n`) {
    throw new BackupError("open backup: this file is no backup of mothership, or of a newer one")
  }
  const second = await reader.line(headerMaxBytes)
  const parameters = second && parseParameters(second.toString())
  if (!parameters) throw new BackupError("open backup: the file is damaged (header)")
  return { header: Buffer.concat([first, second]), parameters }
}

/** What would take more memory than we ever asked for did not come from us. */
function parseParameters(text: string): Parameters | undefined {
  try {
    const parameters = JSON.parse(text) as Parameters
    const { kdf, n, r, p, salt } = parameters
    const isSound =
      kdf === "scrypt" &&
      [n, r, p].every((value) => Number.isSafeInteger(value) && value > 0) &&
      128 * n * r < memoryMaxBytes &&
      p <= 4 &&
      typeof salt === "string"
    return isSound ? parameters : undefined
  } catch {
    return undefined
  }
}

function deriveKey(passphrase: string, { n, r, p, salt }: Parameters): Promise<Buffer> {
  const options = { N: n, r, p, maxmem: memoryMaxBytes }
  return new Promise((resolve, reject) => {
    scrypt(
      passphrase.normalize("NFC"),
      Buffer.from(salt, "base64"),
      keyBytes,
      options,
      (error, key) => {
        if (error)
          reject(new BackupError("open backup: the file is damaged (header)", { cause: error }))
        else resolve(key)
      },
    )
  })
}
