import { readdir, rm, stat } from "node:fs/promises"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"

import { expect, test } from "vitest"

import { silentLogger } from "#base"
import { FakeClock } from "#base/testing"

import { CompactedError, StoreError } from "./errors.ts"
import { openSqliteStore } from "./sqlite.ts"
import { restoreSqliteStore } from "./sqlite-restore.ts"
import type { Entry, Store } from "./store.ts"
import { modelCheck, storeConformance } from "./testing/index.ts"
import { makeTemporaryDirectory, openTemporarySqlite } from "./testing/sqlite-context.ts"
import { bytesOf, readable } from "./testing/store-context.ts"

storeConformance("sqlite", openTemporarySqlite, { survives: true })

test.for([1, 2, 3, 4, 5, 6, 7, 8])(
  "random operations agree with the model, seed %i",
  async (seed) => {
    await modelCheck(openTemporarySqlite, { seed, steps: 300 })
  },
)

test("the data file and all that lies beside it are for their owner alone", async () => {
  const { store, directory, dispose } = await openTemporarySqlite()
  try {
    await store.put("a", bytesOf("x"), 0)
    const names = await readdir(directory)
    expect(names).toContain("store.db-wal")
    for (const name of names) expect((await stat(join(directory, name))).mode & 0o777).toBe(0o600)
  } finally {
    await dispose()
  }
})

test("a second opener of a file is told who has it, and the first goes on", async () => {
  const { store, file, dispose } = await openTemporarySqlite()
  try {
    const error = await open(file).catch((error: unknown) => error)
    expect(error).toBeInstanceOf(StoreError)
    expect((error as StoreError).message).toContain(file)
    expect((error as StoreError).message).toContain(`process ${process.pid}`)
    expect(await store.put("a", bytesOf("x"), 0)).toBeGreaterThan(1)
    await store.close()
    const second = await open(file)
    expect((await second.list("")).count).toBe(1)
    await second.close()
  } finally {
    await dispose()
  }
})

test("history lives at least its time, and is then removed from the file", async () => {
  const clock = new FakeClock()
  const { store, file, dispose } = await openTemporarySqlite({ clock, historyMs: 1000 })
  try {
    const first = await store.put("a", bytesOf("one"), 0)
    clock.advance(900)
    let newest = first
    for (let index = 0; index < 20; index += 1) newest = await store.put("a", bytesOf("x"), newest)
    clock.advance(999)
    expect((await store.list("", { atRevision: first })).count).toBe(1)
    clock.advance(2000)
    await expect(store.list("", { atRevision: first })).rejects.toThrow(CompactedError)
    expect((await store.get("a"))?.revision).toBe(newest)
    expect(clock.nextDueMs).toBeUndefined()
    await store.close()
    expect(countRows(file)).toBe(1)
  } finally {
    await dispose()
  }
})

test("what is compacted leaves the file, slice by slice, and never the newest values", async () => {
  const { store, file, dispose } = await openTemporarySqlite()
  try {
    const keys = Array.from({ length: 1500 }, (_, index) => `key-${index}`)
    const created = await Promise.all(keys.map((key) => store.put(key, bytesOf("one"), 0)))
    const updated = await Promise.all(
      keys.map((key, index) => store.put(key, bytesOf("two"), created[index] as number)),
    )
    await store.delete("key-7", updated[7] as number)
    await store.compact(await store.revision())
    expect((await store.list("")).count).toBe(1499)
    await store.close()
    expect(countRows(file)).toBe(1499)
  } finally {
    await dispose()
  }
})

test("a restored store has the entries of the snapshot and goes on far ahead", async () => {
  const source = await openTemporarySqlite()
  const directory = await makeTemporaryDirectory()
  const file = join(directory, "restored.db")
  try {
    for (let index = 0; index < 1200; index += 1) {
      void source.store.put(`key-${index}`, bytesOf(`${index}`), 0)
    }
    const { revision } = (await source.store.get("key-5")) as Entry
    await source.store.put("key-5", bytesOf("changed"), revision)
    const before = await source.store.list("")
    const restored = await restoreSqliteStore({ file, snapshot: await source.store.snapshot() })
    expect(restored).toBe(before.revision + 1_000_000)
    expect((await readdir(directory)).sort()).toEqual(["restored.db"])
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    const store = await open(file)
    expect(await store.revision()).toBe(restored)
    expect((await store.list("")).entries.map(readable)).toEqual(before.entries.map(readable))
    const watch = store.watch("", before.revision, new AbortController().signal)
    await expect(watch[Symbol.asyncIterator]().next()).rejects.toThrow(CompactedError)
    expect(await store.put("new", bytesOf("x"), 0)).toBe(restored + 1)
    await store.close()
    const again = restoreSqliteStore({ file, snapshot: await source.store.snapshot() })
    await expect(again).rejects.toThrow("it exists already")
  } finally {
    await source.dispose()
    await rm(directory, { recursive: true })
  }
})

test("a restore that fails leaves nothing behind", async () => {
  const directory = await makeTemporaryDirectory()
  const entries = async function* (): AsyncGenerator<Entry> {
    yield { key: "a", value: bytesOf("x"), createRevision: 5, revision: 5 }
    throw new Error("the backup is cut off")
  }
  try {
    const file = join(directory, "restored.db")
    const restored = restoreSqliteStore({ file, snapshot: { revision: 9, entries: entries() } })
    await expect(restored).rejects.toThrow("the backup is cut off")
    expect(await readdir(directory)).toEqual([])
  } finally {
    await rm(directory, { recursive: true })
  }
})

async function open(file: string): Promise<Store> {
  return openSqliteStore({ file, clock: new FakeClock(), log: silentLogger })
}

function countRows(file: string): number {
  const database = new DatabaseSync(file, { readOnly: true })
  const row = database.prepare("SELECT count(*) AS rows FROM history").get()
  database.close()
  return Number(row?.["rows"])
}
