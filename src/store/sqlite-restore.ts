import { existsSync } from "node:fs"
import { open, rename, rm } from "node:fs/promises"
import { dirname } from "node:path"

import { StoreError } from "./errors.ts"
import { SqliteLink } from "./sqlite-link.ts"
import { lockFileOf } from "./sqlite-lock.ts"
import { packEntries } from "./sqlite-protocol.ts"
import type { Entry, Revision, Snapshot } from "./store.ts"

export interface SqliteRestoreOptions {
  /** Must not exist yet. */
  readonly file: string
  readonly snapshot: Snapshot
}

/**
 * So far ahead of its snapshot goes a restored store: further than any writes can have gone that
 * happened after the backup, so that no revision that anybody has seen is used for something else.
 */
const restoreStep = 1_000_000

const batchEntries = 1000

/**
 * Makes a data file from a snapshot of any driver. Entries keep their revisions; the store goes on
 * at the answered revision, and a watch from anything older is told that history is gone. The file
 * appears complete or not at all. Errors: `StoreError`.
 */
export async function restoreSqliteStore(options: SqliteRestoreOptions): Promise<Revision> {
  const { file, snapshot } = options
  if (existsSync(file)) throw new StoreError(`restore ${file}: it exists already`)
  const draft = `${file}.restoring`
  await removeDraft(draft)
  const revision = snapshot.revision + restoreStep
  try {
    const link = await SqliteLink.open({ file: draft, synchronous: "full" })
    try {
      await importAll(link, snapshot.entries)
      await link.ask({ op: "jump", revision })
    } finally {
      await link.close()
    }
    await rename(draft, file)
    await flushDirectory(dirname(file))
  } finally {
    await removeDraft(draft)
  }
  return revision
}

async function importAll(link: SqliteLink, entries: AsyncIterable<Entry>): Promise<void> {
  let batch: Entry[] = []
  const send = async (): Promise<void> => {
    await link.ask({ op: "import", entries: packEntries(batch) })
    batch = []
  }
  for await (const entry of entries) {
    batch.push(entry)
    if (batch.length >= batchEntries) await send()
  }
  await send()
}

async function removeDraft(draft: string): Promise<void> {
  for (const file of [draft, `${draft}-wal`, `${draft}-shm`, lockFileOf(draft)]) {
    await rm(file, { force: true })
  }
}

/** A file is only there for good when its directory is on the disk. */
async function flushDirectory(directory: string): Promise<void> {
  const handle = await open(directory, "r")
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
