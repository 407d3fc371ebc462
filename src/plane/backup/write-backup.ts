import { type FileHandle, open, readdir, rename, rm, stat } from "node:fs/promises"
import { dirname, join } from "node:path"
import { randomHex } from "#base"
import { copySqliteStore } from "#store"
import { storeFile } from "../data-directory.ts"
import { BackupError } from "./backup-error.ts"
import { encodeFrames, type Frame } from "./frames.ts"
import { seal } from "./sealed-stream.ts"

export interface BackupOptions {
  /** Of a plane that runs or stands still. */
  readonly dataDirectory: string
  /** Where the archive goes; must not exist. */
  readonly file: string
  readonly passphrase: string
  /** When this is, in milliseconds since 1970. */
  readonly nowMs: number
}

export interface BackupSummary {
  /** The revision of the store that the archive holds. */
  readonly revision: number
  readonly objects: number
  readonly files: number
  readonly sizeBytes: number
}

/** What a plane makes again by itself, or is of no use elsewhere. */
const leftOut = [/^store\.db/, /^admin\.kubeconfig$/, /\.log$/, /(^|\/)\.adding-/, /\.new$/]

/**
 * Writes everything a plane keeps (objects, keys, artifacts, users' objects in simulated clusters)
 * into one encrypted archive. The plane may go on running: the store is copied as of one moment.
 * The archive appears whole, with mode 0600, or not at all. Errors: `BackupError`, `StoreError`,
 * the file system's.
 */
export async function writeBackup(options: BackupOptions): Promise<BackupSummary> {
  const { dataDirectory, file, passphrase } = options
  if (passphrase === "") throw new BackupError("write backup: the passphrase is empty")
  await refuseAbsent(dataDirectory)
  const draft = `${file}.${randomHex(4)}`
  const counts = { revision: 0, objects: 0, files: 0 }
  const handle = await createFile(draft, file)
  let sizeBytes = 0
  try {
    const frames = countFrames(framesOf(options), counts)
    for await (const part of seal(encodeFrames(frames), passphrase)) {
      await handle.writeFile(part)
      sizeBytes += part.length
    }
    await handle.sync()
    await handle.close()
    await rename(draft, file)
  } catch (error) {
    await handle.close()
    await rm(draft, { force: true })
    throw error
  }
  return { ...counts, sizeBytes }
}

async function* framesOf({ dataDirectory, nowMs }: BackupOptions): AsyncGenerator<Frame, void> {
  yield { type: "head", head: { format: 1, createdAtMs: nowMs } }
  for (const path of await filesBelow(dataDirectory, "")) {
    const handle = await openUnlessGone(join(dataDirectory, path))
    if (!handle) continue
    yield { type: "file", path }
    for await (const bytes of handle.createReadStream()) {
      yield { type: "content", bytes: bytes as Buffer }
    }
  }
  const { revision, entries } = copySqliteStore(join(dataDirectory, storeFile))
  yield { type: "store", revision }
  for await (const entry of entries) yield { type: "entry", entry }
}

async function* countFrames(
  frames: AsyncIterable<Frame>,
  counts: { revision: number; objects: number; files: number },
): AsyncGenerator<Frame, void> {
  for await (const frame of frames) {
    if (frame.type === "file") counts.files += 1
    if (frame.type === "entry") counts.objects += 1
    if (frame.type === "store") counts.revision = frame.revision
    yield frame
  }
}

async function filesBelow(root: string, below: string): Promise<readonly string[]> {
  const found: string[] = []
  for (const entry of await readdir(join(root, below), { withFileTypes: true })) {
    const path = below === "" ? entry.name : `${below}/${entry.name}`
    if (leftOut.some((pattern) => pattern.test(path))) continue
    if (entry.isDirectory()) found.push(...(await filesBelow(root, path)))
    if (entry.isFile()) found.push(path)
  }
  return found.sort()
}

/** The plane may remove a file while the others are copied. */
async function openUnlessGone(file: string): Promise<FileHandle | undefined> {
  try {
    return await open(file, "r")
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined
    throw error
  }
}

async function refuseAbsent(dataDirectory: string): Promise<void> {
  try {
    await stat(join(dataDirectory, storeFile))
  } catch (error) {
    throw new BackupError(`write backup: ${dataDirectory} is no data directory of a plane`, {
      cause: error,
    })
  }
}

async function createFile(draft: string, file: string): Promise<FileHandle> {
  const isTaken = await stat(file).then(
    () => true,
    () => false,
  )
  if (isTaken) throw new BackupError(`write backup: ${file} exists already`)
  try {
    return await open(draft, "wx", 0o600)
  } catch (error) {
    throw new BackupError(`write backup: cannot write to ${dirname(file)}`, { cause: error })
  }
}
