import { chmod, mkdir, readdir, readFile, rename, stat, writeFile } from "node:fs/promises"
import { dirname, join } from "node:path"
import { messageOf, randomHex } from "#base"

/** The data directory cannot be used as it is; the message says what to do. */
export class DataDirectoryError extends Error {
  override readonly name = "DataDirectoryError"
}

/** In a data directory: the store. */
export const storeFile = "store.db"

/** Everything a plane keeps: a directory nobody else may look into, files of mode 0600. */
export class DataDirectory {
  readonly path: string

  private constructor(path: string) {
    this.path = path
  }

  /** Creates it with mode 0700, or checks the one that is there. Errors: `DataDirectoryError`. */
  static async open(path: string): Promise<DataDirectory> {
    await make(path)
    const { mode, uid } = await stat(path)
    const owner = process.getuid?.() ?? uid
    if (uid !== owner) {
      throw new DataDirectoryError(`open data directory: ${path} belongs to another user (${uid})`)
    }
    await refuseLoose(path, mode)
    for (const entry of await readdir(path, { withFileTypes: true, recursive: true })) {
      if (!entry.isFile() && !entry.isDirectory()) continue
      const below = join(entry.parentPath, entry.name)
      await refuseLoose(below, (await stat(below)).mode)
    }
    return new DataDirectory(path)
  }

  file(name: string): string {
    return join(this.path, name)
  }

  /** The text of a file; undefined when there is none. */
  async read(name: string): Promise<string | undefined> {
    try {
      return await readFile(this.file(name), "utf8")
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined
      throw error
    }
  }

  /** Writes a file whole or not at all. */
  async write(name: string, content: string): Promise<void> {
    const target = this.file(name)
    await mkdir(dirname(target), { recursive: true, mode: 0o700 })
    const draft = `${target}.${randomHex(4)}`
    await writeFile(draft, content, { mode: 0o600, flush: true })
    await chmod(draft, 0o600)
    await rename(draft, target)
  }

  /** A directory below, created with mode 0700. */
  async directory(name: string): Promise<string> {
    const path = this.file(name)
    await mkdir(path, { recursive: true, mode: 0o700 })
    return path
  }
}

async function make(path: string): Promise<void> {
  try {
    // Without its parents first: a recursive mkdir says of a read-only disk that nothing is there.
    await mkdir(path, { mode: 0o700 }).catch(async (error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") await mkdir(path, { recursive: true, mode: 0o700 })
      else if (error.code !== "EEXIST") throw error
    })
  } catch (error) {
    throw new DataDirectoryError(
      `make data directory: ${messageOf(error)}; name another with --data-dir`,
      { cause: error },
    )
  }
}

async function refuseLoose(path: string, mode: number): Promise<void> {
  if ((mode & 0o077) === 0) return
  const shown = (mode & 0o777).toString(8)
  throw new DataDirectoryError(
    `open data directory: ${path} is readable by others (mode ${shown}); run: chmod -R go= ${path}`,
  )
}
