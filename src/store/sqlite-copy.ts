import { SqliteDatabase } from "./sqlite-database.ts"
import type { Entry, Snapshot } from "./store.ts"

/**
 * A consistent copy of a data file as it is now, which the process that owns it may go on writing.
 * Reads in the calling thread: for programs that do nothing else, as a backup. The file is let go
 * when the entries have been read, or their reader stopped. Errors: `StoreError`.
 */
export function copySqliteStore(file: string): Snapshot {
  const database = SqliteDatabase.openForReading(file)
  return { revision: database.newest, entries: entriesOf(database) }
}

async function* entriesOf(database: SqliteDatabase): AsyncGenerator<Entry, void> {
  try {
    let start = ""
    for (;;) {
      const page = database.list({
        start,
        end: undefined,
        limit: Number.POSITIVE_INFINITY,
        atRevision: database.newest,
        counted: false,
        pin: 1,
      })
      yield* page.entries
      if (!page.more) return
      start = `${page.entries.at(-1)?.key ?? ""}\0`
    }
  } finally {
    database.close()
  }
}
