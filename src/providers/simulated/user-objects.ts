import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises"
import { join } from "node:path"

/** One stored object: its key and its bytes as text. */
export interface SavedObject {
  readonly key: string
  readonly value: string
}

/**
 * The objects that users put into one simulated cluster, in a file of their own: everything else of
 * the cluster is derived again after a restart.
 */
export class UserObjects {
  readonly #directory: string
  readonly #file: string
  #writing: Promise<void> = Promise.resolve()

  constructor(directory: string, namespace: string, name: string) {
    this.#directory = directory
    this.#file = join(directory, `${namespace}_${name}.json`)
  }

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
    this.#writing = this.#writing.then(async () => {
      await mkdir(this.#directory, { recursive: true, mode: 0o700 })
      const draft = `${this.#file}.new`
      await writeFile(draft, JSON.stringify(objects), { mode: 0o600 })
      await rename(draft, this.#file)
    })
    return this.#writing
  }

  async remove(): Promise<void> {
    await this.#writing
    await rm(this.#file, { force: true })
  }
}
