import { DatabaseSync } from "node:sqlite"

import { StoreError } from "./errors.ts"
import { createFile } from "./sqlite-schema.ts"
import { isFull, storeErrorOf } from "./sqlite-errors.ts"

/**
 * Owns a data file for the life of a process. The lock is an open transaction on a small database
 * beside the data, since the operating system drops that with the process, however it ends, while
 * the data file itself stays readable for `sqlite3` and backup tools. The owner's process id is in
 * the lock's `user_version`.
 */
export class SqliteLock {
  readonly #database: DatabaseSync

  /** Errors: `StoreError` that names the data file and its owner. */
  constructor(file: string) {
    const lockFile = lockFileOf(file)
    createFile(lockFile)
    this.#database = new DatabaseSync(lockFile, { timeout: 0 })
    try {
      this.#database.exec("BEGIN IMMEDIATE")
      this.#sign()
    } catch (error) {
      const owner = this.#owner()
      this.#database.close()
      if (!isLocked(error)) throw storeErrorOf("open", lockFile, error)
      const who = owner > 0 ? `process ${owner}` : "another process"
      throw new StoreError(`open ${file}: it is in use by ${who}`, { cause: error })
    }
  }

  release(): void {
    this.#database.close()
  }

  /**
   * Leaves our process id for others to read. A full disk is no reason not to open: the id is a
   * courtesy.
   */
  #sign(): void {
    try {
      this.#database.exec(`PRAGMA user_version = ${process.pid}`)
      this.#database.exec("COMMIT")
    } catch (error) {
      if (!isFull(error)) throw error
      if (this.#database.isTransaction) this.#database.exec("ROLLBACK")
    }
    this.#database.exec("BEGIN IMMEDIATE")
  }

  #owner(): number {
    try {
      return Number(this.#database.prepare("PRAGMA user_version").get()?.["user_version"])
    } catch {
      return 0
    }
  }
}

export function lockFileOf(file: string): string {
  return `${file}-lock`
}

function isLocked(error: unknown): boolean {
  return error instanceof Error && "errcode" in error && (Number(error.errcode) & 0xff) === 5
}
