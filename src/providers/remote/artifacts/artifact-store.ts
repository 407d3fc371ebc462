import { createHash } from "node:crypto"
import { createReadStream, createWriteStream } from "node:fs"
import { lstat, mkdir, mkdtemp, open, readdir, readFile, rename, rm, stat } from "node:fs/promises"
import { dirname, join } from "node:path"
import { pipeline } from "node:stream/promises"

import { messageOf } from "#base"
import type { StreamContent } from "#remote"

import { ArtifactError } from "./artifact-error.ts"
import {
  type ArtifactFile,
  type ArtifactManifest,
  isSetName,
  manifestName,
  parseManifest,
} from "./manifest.ts"
import { unpackTar } from "./unpack-tar.ts"

/** What is wrong with a stored file. */
export interface ArtifactDamage {
  readonly path: string
  readonly problem: string
}

/**
 * The artifact sets of a plane: one directory for each, `NAME/manifest.json` beside the files that
 * it lists. A set appears whole or not at all, and each of its files was hashed on the way in.
 */
export class ArtifactStore {
  readonly #directory: string

  /** The directory is made when the first set is added. */
  constructor(directory: string) {
    this.#directory = directory
  }

  /**
   * Adds a directory with a manifest, or a tar of one. A set of that name is replaced. Throws
   * ArtifactError when the manifest is wrong or a file is missing or not what the manifest says.
   */
  async add(source: string): Promise<ArtifactManifest> {
    await mkdir(this.#directory, { recursive: true, mode: 0o700 })
    const work = await mkdtemp(join(this.#directory, ".adding-"))
    try {
      const directory = (await stat(source)).isDirectory()
        ? source
        : await unpackSet(source, join(work, "archive"))
      const manifest = await manifestIn(directory)
      const staged = join(work, "set")
      for (const file of manifest.files) await copyVerified(directory, staged, file)
      await writeManifest(staged, manifest)
      await this.#place(staged, manifest.name, work)
      return manifest
    } finally {
      await rm(work, { recursive: true, force: true })
    }
  }

  /** The names of all sets, damaged ones too. */
  async names(): Promise<readonly string[]> {
    const names = await readdir(this.#directory).catch(absent)
    return (names ?? []).filter(isSetName).sort()
  }

  /**
   * The set of that name; undefined when there is none. Throws ArtifactError when its manifest is
   * damaged or gone.
   */
  async find(name: string): Promise<ArtifactManifest | undefined> {
    if (!(await this.names()).includes(name)) return undefined
    const text = await readFile(join(this.#directory, name, manifestName), "utf8").catch(absent)
    try {
      if (text === undefined) throw new ArtifactError(`there is no ${manifestName}`)
      return parseManifest(text)
    } catch (cause) {
      throw new ArtifactError(`find artifact set ${name}: ${messageOf(cause)}`, { cause })
    }
  }

  /**
   * Hashes every file of a set again. Throws ArtifactError when there is no such set, or its
   * manifest is damaged.
   */
  async verify(name: string): Promise<readonly ArtifactDamage[]> {
    const manifest = await this.#get(name)
    const damages: ArtifactDamage[] = []
    for (const file of manifest.files) {
      const problem = await problemOf(join(this.#directory, name, file.path), file)
      if (problem !== undefined) damages.push({ path: file.path, problem })
    }
    return damages
  }

  /**
   * A file of a set, ready to be sent; its digest travels along and is checked where it arrives.
   */
  async openFile(name: string, path: string): Promise<StreamContent> {
    const manifest = await this.#get(name)
    const file = manifest.files.find((candidate) => candidate.path === path)
    if (!file) throw new ArtifactError(`open artifact: set ${name} has no ${path}`)
    const target = join(this.#directory, name, file.path)
    const info = await lstat(target).catch(absent)
    if (!info?.isFile()) throw new ArtifactError(`open artifact: ${name}/${path} is gone`)
    if (info.size !== file.size) {
      const message = `open artifact: ${name}/${path} has ${info.size} bytes instead of ${file.size}`
      throw new ArtifactError(message)
    }
    return { stream: createReadStream(target), sizeBytes: file.size, sha256: file.sha256 }
  }

  async #get(name: string): Promise<ArtifactManifest> {
    const manifest = await this.find(name)
    if (!manifest) throw new ArtifactError(`find artifact set: there is no ${JSON.stringify(name)}`)
    return manifest
  }

  async #place(staged: string, name: string, work: string): Promise<void> {
    const target = join(this.#directory, name)
    await rename(target, join(work, "old")).catch(absent)
    await rename(staged, target)
  }
}

/** The manifest lies at the top of the archive, or in the one directory that it holds. */
async function unpackSet(file: string, target: string): Promise<string> {
  await mkdir(target)
  await unpackTar(file, target)
  const names = await readdir(target)
  const [only] = names
  return names.length === 1 && only !== undefined && only !== manifestName
    ? join(target, only)
    : target
}

async function manifestIn(directory: string): Promise<ArtifactManifest> {
  const text = await readFile(join(directory, manifestName), "utf8").catch(absent)
  if (text === undefined) {
    throw new ArtifactError(`add artifact set: there is no ${manifestName} in it`)
  }
  return parseManifest(text)
}

async function copyVerified(from: string, to: string, file: ArtifactFile): Promise<void> {
  const source = join(from, file.path)
  const problem = await problemOf(source, file)
  if (problem !== undefined) throw new ArtifactError(`add artifact set: ${file.path} ${problem}`)
  const target = join(to, file.path)
  await mkdir(dirname(target), { recursive: true, mode: 0o700 })
  await pipeline(createReadStream(source), createWriteStream(target, { mode: 0o600, flush: true }))
  const copied = await problemOf(target, file)
  if (copied !== undefined) throw new ArtifactError(`add artifact set: ${file.path} ${copied}`)
}

async function writeManifest(directory: string, manifest: ArtifactManifest): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 })
  const handle = await open(join(directory, manifestName), "w", 0o600)
  await handle.writeFile(`${JSON.stringify(manifest, null, 2)}\n`)
  await handle.sync()
  await handle.close()
}

/** What keeps a file from being the one that the manifest describes. */
async function problemOf(path: string, file: ArtifactFile): Promise<string | undefined> {
  const info = await lstat(path).catch(absent)
  if (!info) return "is missing"
  if (!info.isFile()) return "is not a file"
  if (info.size !== file.size) return `has ${info.size} bytes instead of ${file.size}`
  const hash = createHash("sha256")
  await pipeline(createReadStream(path), hash)
  const sha256 = hash.digest("hex")
  return sha256 === file.sha256 ? undefined : `has SHA-256 ${sha256} instead of ${file.sha256}`
}

function absent(error: unknown): undefined {
  if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined
  throw error
}
