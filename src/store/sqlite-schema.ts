import { closeSync, openSync, statSync } from "node:fs"
import { DatabaseSync } from "node:sqlite"

import { StoreError } from "./errors.ts"
import { storeErrorOf } from "./sqlite-errors.ts"
import type { Synchronous } from "./sqlite-protocol.ts"

/**
 * One row per write, never changed, removed only by compaction. A removal is a row without a value.
 * `previous_revision` is the row that this one took the place of, 0 when the key did not exist.
 * `meta` has `compacted` (history is gone up to there) and `purged` (and so are its rows).
 */
const schema = `
  CREATE TABLE history (
    revision INTEGER PRIMARY KEY,
    key TEXT NOT NULL,
    create_revision INTEGER NOT NULL,
    previous_revision INTEGER NOT NULL,
    checksum INTEGER NOT NULL,
    value BLOB
  ) STRICT;
  CREATE INDEX history_by_key ON history (key, revision);
  CREATE TABLE meta (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  INSERT INTO meta VALUES ('compacted', 0), ('purged', 0);
`

const applicationId = 0x4d_53_68_70
const schemaVersion = 1
const busyTimeoutMs = 2000
const cacheKibibytes = 8192
const walLimitBytes = 64 * 1024 * 1024

export interface DatabaseOptions {
  readonly file: string
  readonly synchronous: Synchronous
}

/**
 * Opens the data file to read it as it is now, whoever goes on writing to it meanwhile: all reads
 * belong to one transaction. Errors: `StoreError`, also when there is no such file.
 */
export function openForReading(file: string): DatabaseSync {
  try {
    const database = new DatabaseSync(file, { readOnly: true, timeout: busyTimeoutMs })
    try {
      database.exec("BEGIN")
      if (!checkContent(database, file)) throw new StoreError(`open ${file}: it is empty`)
      return database
    } catch (error) {
      database.close()
      throw error
    }
  } catch (error) {
    throw storeErrorOf("open", file, error)
  }
}

/**
 * Opens the data file, creating it (mode 0600) when there is none. What is there is checked through
 * a connection that cannot write, so a file that is damaged or not ours stays as it is, byte for
 * byte.
 */
export function openDatabase({ file, synchronous }: DatabaseOptions): DatabaseSync {
  try {
    createFile(file)
    const isNew = statSync(file).size === 0
    if (!isNew) checkFile(file)
    const database = new DatabaseSync(file, { timeout: busyTimeoutMs })
    try {
      database.exec("PRAGMA journal_mode = WAL")
      database.exec(`PRAGMA synchronous = ${synchronous.toUpperCase()}`)
      database.exec(`PRAGMA cache_size = -${cacheKibibytes}`)
      database.exec(`PRAGMA journal_size_limit = ${walLimitBytes}`)
      if (pragma(database, "user_version") === 0) createSchema(database)
      return database
    } catch (error) {
      database.close()
      throw error
    }
  } catch (error) {
    throw storeErrorOf("open", file, error)
  }
}

/** An empty file is an empty database to SQLite, and what it puts beside it gets the same mode. */
export function createFile(file: string): void {
  try {
    closeSync(openSync(file, "wx", 0o600))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error
  }
}

function createSchema(database: DatabaseSync): void {
  database.exec(`
    BEGIN IMMEDIATE;
    ${schema}
    PRAGMA application_id = ${applicationId};
    PRAGMA user_version = ${schemaVersion};
    COMMIT;
  `)
}

function checkFile(file: string): void {
  const database = new DatabaseSync(file, { readOnly: true, timeout: busyTimeoutMs })
  try {
    checkContent(database, file)
  } finally {
    database.close()
  }
}

/** True for a sound store of ours, false for a file with nothing in it. */
function checkContent(database: DatabaseSync, file: string): boolean {
  const version = pragma(database, "user_version")
  const tables = Number(database.prepare("SELECT count(*) AS n FROM sqlite_schema").get()?.["n"])
  if (version === 0 && tables === 0) return false
  if (pragma(database, "application_id") !== applicationId) {
    throw new StoreError(`open ${file}: it is a database of another program`)
  }
  if (version !== schemaVersion) {
    throw new StoreError(
      `open ${file}: its format is version ${version}, this program knows ${schemaVersion}`,
    )
  }
  const check = database.prepare("PRAGMA quick_check(1)").get()?.["quick_check"]
  if (check !== "ok") throw new StoreError(`open ${file}: it is damaged (${String(check)})`)
  return true
}

function pragma(database: DatabaseSync, name: string): number {
  return Number(database.prepare(`PRAGMA ${name}`).get()?.[name])
}
