import { createReadStream } from "node:fs"
import { type FileHandle, mkdir, open, readdir, rename, rm, stat } from "node:fs/promises"
import { dirname, join, posix } from "node:path"
import { randomHex } from "#base"
import { type Entry, restoreSqliteStore } from "#store"
import { storeFile } from "../data-directory.ts"
import { raiseEpoch } from "../epoch.ts"
import { BackupError } from "./backup-error.ts"
import { decodeFrames, type Frame } from "./frames.ts"
import { unseal } from "./sealed-stream.ts"

export interface RestoreOptions {
  readonly file: string
  /** Must not exist, or be empty. */
  readonly dataDirectory: string
  readonly passphrase: string
}

export interface RestoreSummary {
  /** When the backup was made, in milliseconds since 1970. */
  readonly createdAtMs: number
  /** The revision that the store goes on from. */
  readonly revision: number
  readonly files: number
  readonly objects: number
  /** Of the archive. */
  readonly sizeBytes: number
}

/**
 * Makes a data directory from an archive. It appears whole, after all of the archive was found
 * sound, or not at all: until then everything goes into a directory beside it. Errors:
 * `BackupError` (wrong passphrase, damaged archive, a directory that is not empty), `StoreError`,
 * the file system's.
 */
export async function restoreBackup(options: RestoreOptions): Promise<RestoreSummary> {
  const { file, dataDirectory, passphrase } = options
  await refuseUsed(dataDirectory)
  const frames = decodeFrames(unseal(readArchive(file), passphrase))
  try {
    const first = await frames.next()
    const head = first.done || first.value.type !== "head" ? undefined : first.value.head
    if (head?.format !== 1) throw new BackupError("restore backup: its format is a newer one")
    const target = dataDirectory.replace(/\/+$/, "")
    await mkdir(dirname(target), { recursive: true, mode: 0o700 })
    const draft = `${target}.restoring-${randomHex(4)}`
    await mkdir(draft, { mode: 0o700 })
    try {
      const counts = await unpack(frames, draft)
      await raiseEpoch(draft)
      await flushDirectory(draft)
      await rename(draft, target)
      await flushDirectory(dirname(target))
      const { size: sizeBytes } = await stat(file)
      return { createdAtMs: head.createdAtMs, sizeBytes, ...counts }
    } catch (error) {
      await rm(draft, { recursive: true, force: true })
      throw error
    }
  } finally {
    await frames.return()
  }
}

interface Counts {
  readonly revision: number
  readonly files: number
  readonly objects: number
}

async function unpack(frames: AsyncGenerator<Frame, void>, directory: string): Promise<Counts> {
  let files = 0
  let current: FileHandle | undefined
  try {
    for (;;) {
      const next = await frames.next()
      if (next.done) throw new BackupError("restore backup: it has no store in it")
      const frame = next.value
      if (frame.type === "content") {
        await current?.writeFile(frame.bytes)
        continue
      }
      await finish(current)
      current = undefined
      if (frame.type === "store") {
        return { files, ...(await unpackStore(frames, directory, frame.revision)) }
      }
      if (frame.type !== "file") throw new BackupError(`restore backup: ${frame.type} out of place`)
      current = await createFile(directory, frame.path)
      files += 1
    }
  } finally {
    await current?.close()
  }
}

async function unpackStore(
  frames: AsyncIterable<Frame>,
  directory: string,
  revision: number,
): Promise<{ readonly revision: number; readonly objects: number }> {
  let objects = 0
  async function* entries(): AsyncGenerator<Entry, void> {
    for await (const frame of frames) {
      if (frame.type !== "entry")
        throw new BackupError(`restore backup: ${frame.type} out of place`)
      objects += 1
      yield frame.entry
    }
  }
  const file = join(directory, storeFile)
  const restored = await restoreSqliteStore({ file, snapshot: { revision, entries: entries() } })
  return { revision: restored, objects }
}

/** Paths come from the archive: only what stays below the directory is written. */
async function createFile(directory: string, path: string): Promise<FileHandle> {
  const normal = posix.normalize(path)
  if (normal !== path || path.startsWith("..") || posix.isAbsolute(path)) {
    throw new BackupError(`restore backup: the path ${JSON.stringify(path)} leads outside`)
  }
  const target = join(directory, path)
  await mkdir(dirname(target), { recursive: true, mode: 0o700 })
  return await open(target, "wx", 0o600)
}

async function finish(handle: FileHandle | undefined): Promise<void> {
  await handle?.sync()
  await handle?.close()
}

async function refuseUsed(dataDirectory: string): Promise<void> {
  const names = await readdir(dataDirectory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return []
    throw new BackupError(`restore backup: cannot read ${dataDirectory}`, { cause: error })
  })
  if (names.length === 0) return
  throw new BackupError(
    `restore backup: ${dataDirectory} is not empty; name an empty or a new directory`,
  )
}

async function* readArchive(file: string): AsyncGenerator<Buffer, void> {
  try {
    for await (const part of createReadStream(file)) yield part as Buffer
  } catch (error) {
    throw new BackupError(`restore backup: cannot read ${file}`, { cause: error })
  }
}

async function flushDirectory(directory: string): Promise<void> {
  const handle = await open(directory, "r")
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
