import { copyFile, mkdtemp, readdir, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"

import { silentLogger } from "#base"
import { FakeClock } from "#base/testing"

import { openSqliteStore, type SqliteStoreOptions } from "../sqlite.ts"
import type { StoreContext } from "./store-context.ts"

const name = "store.db"

export interface SqliteContext extends StoreContext {
  readonly directory: string
  readonly file: string
}

/** A sqlite store in a directory of its own, which goes away with it. */
export async function openTemporarySqlite(
  options: Partial<SqliteStoreOptions> = {},
): Promise<SqliteContext> {
  const directory = await makeTemporaryDirectory()
  return openIn(directory, options)
}

export function makeTemporaryDirectory(): Promise<string> {
  return mkdtemp(join(tmpdir(), "mothership-store-"))
}

async function openIn(
  directory: string,
  options: Partial<SqliteStoreOptions>,
): Promise<SqliteContext> {
  const file = join(directory, name)
  const defaults = { file, clock: new FakeClock(), log: silentLogger }
  const store = await openSqliteStore({ ...defaults, ...options })
  const dispose = async (): Promise<void> => {
    await store.close()
    await rm(directory, { recursive: true, force: true })
  }
  const crash = async (): Promise<StoreContext> => openIn(await copyOf(directory), options)
  return { store, local: true, dispose, crash, directory, file }
}

/** What a crash at this moment would leave: the files as they are, nothing closed or flushed. */
async function copyOf(directory: string): Promise<string> {
  const copy = await makeTemporaryDirectory()
  for (const file of await readdir(directory)) {
    if (file === name || file === `${name}-wal`)
      await copyFile(join(directory, file), join(copy, file))
  }
  return copy
}
