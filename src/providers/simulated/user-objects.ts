import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises"
import { join } from "node:path"
import type { ObjectKey } from "#meta"

/** One stored object: its key and its bytes as text. */
export interface SavedObject {
  readonly key: string
  readonly value: string
  /** A user's changes to an object that the simulation makes: kept only while it makes it. */
  readonly isDerived: boolean
}

/**
 * What users did to the objects of one simulated cluster, in a file of their own: everything else
 * is derived again after a restart.
 */
export class UserObjects {
  readonly #directory: string
  readonly #file: string
  #writing: Promise<void> = Promise.resolve()

  constructor(directory: string, key: ObjectKey) {
    this.#directory = directory
    this.#file = join(directory, `${key.namespace ?? ""}_${key.name}.json`)
  }

  /** Errors: the file system's, and `SyntaxError` when the file is damaged. */
  async load(): Promise<readonly SavedObject[]> {
    try {
      return JSON.parse(await readFile(this.#file, "utf8")) as SavedObject[]
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return []
      throw error
    }
  }

  /** Replaces the file whole; saves follow each other in order. */
  save(objects: readonly SavedObject[]): Promise<void> {
    const written = this.#writing.then(async () => {
      await mkdir(this.#directory, { recursive: true, mode: 0o700 })
      const draft = `${this.#file}.new`
      await writeFile(draft, JSON.stringify(objects), { mode: 0o600 })
      await rename(draft, this.#file)
    })
    this.#writing = written.catch(() => {})
    return written
  }

  async remove(): Promise<void> {
    await this.#writing
    await rm(this.#file, { force: true })
  }
}
