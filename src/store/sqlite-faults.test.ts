import { spawnSync } from "node:child_process"
import { randomFillSync } from "node:crypto"
import { readFile, rm, stat, truncate, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"

import { describe, expect, test } from "vitest"

import { silentLogger } from "#base"
import { FakeClock } from "#base/testing"

import { RevisionConflictError, StoreError, StoreFullError } from "./errors.ts"
import { openSqliteStore } from "./sqlite.ts"
import type { Store } from "./store.ts"
import { makeTemporaryDirectory, openTemporarySqlite } from "./testing/sqlite-context.ts"
import { bytesOf, readable } from "./testing/store-context.ts"

const isEverythingRequired = process.env["MOTHERSHIP_TEST_REQUIRE"] === "all"
const canMount = process.getuid?.() === 0 && spawnSync("unshare", ["-m", "true"]).status === 0
const pageBytes = 4096

describe.skipIf(!canMount && !isEverythingRequired)("on a small disk (needs root to mount)", () => {
  test("a full disk refuses writes, keeps what is there, and serves again when it has room", async () => {
    await onSmallDisk(async (directory) => {
      const file = join(directory, "store.db")
      const ballast = join(directory, "ballast")
      await writeFile(ballast, new Uint8Array(3 * 1024 * 1024))
      const store = await open(file)
      const written: string[] = []
      const error = await fill(store, written)
      expect(error).toBeInstanceOf(StoreFullError)
      expect((error as StoreError).message).toContain(file)
      expect(written.length).toBeGreaterThan(5)
      const revision = await store.revision()
      expect(await keysOf(store)).toEqual(written.toSorted())
      await rm(ballast)
      expect(await store.put("after", new Uint8Array(100_000), 0)).toBe(revision + 1)
      expect(await keysOf(store)).toEqual([...written, "after"].sort())
      await store.close()
      const again = await open(file)
      expect(await keysOf(again)).toEqual([...written, "after"].sort())
      expect(await again.revision()).toBe(revision + 1)
      await again.close()
    })
  })

  test("a write that does not fit fails alone among those it shares a flush with", async () => {
    await onSmallDisk(async (directory) => {
      const store = await open(join(directory, "store.db"))
      const outcomes = await Promise.allSettled([
        store.put("small-1", bytesOf("x"), 0),
        store.put("huge", new Uint8Array(20 * 1024 * 1024), 0),
        store.put("small-2", bytesOf("x"), 0),
        store.put("small-1", bytesOf("again"), 0),
        store.put("small-3", bytesOf("x"), 0),
      ])
      const [first, huge, second, conflict, third] = outcomes
      for (const outcome of [first, second, third]) expect(outcome?.status).toBe("fulfilled")
      expect((huge as PromiseRejectedResult).reason).toBeInstanceOf(StoreFullError)
      expect((conflict as PromiseRejectedResult).reason).toBeInstanceOf(RevisionConflictError)
      expect(await keysOf(store)).toEqual(["small-1", "small-2", "small-3"])
      await store.close()
    })
  })
})

test("while another program holds the file's write lock, writes fail by name, and then work", async () => {
  const { store, file, dispose } = await openTemporarySqlite()
  const other = new DatabaseSync(file)
  try {
    await store.put("a", bytesOf("x"), 0)
    other.exec("BEGIN IMMEDIATE")
    const error = await store.put("b", bytesOf("x"), 0).catch((error: unknown) => error)
    expect(error).toBeInstanceOf(StoreError)
    expect((error as StoreError).message).toContain(`${file}: it is locked by another program`)
    expect(await keysOf(store)).toEqual(["a"])
    other.exec("ROLLBACK")
    expect(await store.put("b", bytesOf("x"), 0)).toBe(3)
  } finally {
    other.close()
    await dispose()
  }
})

test("a file that another program has for itself is not opened", async () => {
  const { store, file, dispose } = await openTemporarySqlite()
  await store.put("a", bytesOf("x"), 0)
  await store.close()
  const other = new DatabaseSync(file)
  other.exec("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE")
  await expect(open(file)).rejects.toThrow(`open ${file}: it is locked by another program`)
  other.close()
  const again = await open(file)
  expect(await keysOf(again)).toEqual(["a"])
  await again.close()
  await dispose()
})

test("a file that is no database, or somebody else's, is refused and stays as it is", async () => {
  const directory = await makeTemporaryDirectory()
  const text = join(directory, "text")
  await writeFile(text, "a letter to a friend\n".repeat(500))
  const foreign = join(directory, "foreign.db")
  const database = new DatabaseSync(foreign)
  database.exec("CREATE TABLE guests (name TEXT); INSERT INTO guests VALUES ('Ada')")
  database.close()
  for (const [file, reason] of [
    [text, "it is damaged or no store"],
    [foreign, "it is a database of another program"],
    [join(directory, "missing", "store.db"), "no such file or directory"],
  ] as const) {
    const before = await readFile(file).catch(() => undefined)
    const error = await open(file).catch((error: unknown) => error)
    expect(error).toBeInstanceOf(StoreError)
    expect((error as StoreError).message).toContain(`open ${file}: `)
    expect((error as StoreError).message).toContain(reason)
    expect(await readFile(file).catch(() => undefined)).toEqual(before)
  }
  await rm(directory, { recursive: true })
})

test("garbage in any page is found before it is served, and the file stays as it is", async () => {
  const { store, file, dispose } = await openTemporarySqlite()
  await fillWithObjects(store)
  const expected = (await store.list("")).entries.map(readable)
  await store.close()
  const whole = await readFile(file)
  const pages = whole.length / pageBytes
  expect(pages).toBeGreaterThan(20)
  for (let page = 0; page < pages; page += 1) {
    const damaged = Buffer.from(whole)
    randomFillSync(damaged, page * pageBytes, pageBytes)
    await writeFile(file, damaged)
    const error = await openAndList(file, expected)
    expect(error, `page ${page}`).toBeInstanceOf(StoreError)
    expect((error as StoreError).message).toContain(file)
    expect((error as StoreError).message).toContain("damaged")
    expect(Buffer.compare(await readFile(file), damaged)).toBe(0)
  }
  await writeFile(file, whole)
  expect(await openAndList(file, expected)).toBeUndefined()
  await dispose()
})

test("one flipped bit in a value is found when it is read, and writes to that key are refused", async () => {
  const { store, file, dispose } = await openTemporarySqlite()
  const revision = await store.put("a", bytesOf("the quick brown fox"), 0)
  await store.put("b", bytesOf("jumps"), 0)
  await store.close()
  const bytes = await readFile(file)
  const at = bytes.indexOf("brown")
  bytes[at] = (bytes[at] ?? 0) ^ 1
  await writeFile(file, bytes)
  const damaged = await open(file)
  const reason = `${file}: it is damaged (revision ${revision} of a has a wrong checksum)`
  await expect(damaged.list("")).rejects.toThrow(reason)
  const writes = await Promise.allSettled([
    damaged.put("a", bytesOf("new"), revision),
    damaged.put("c", bytesOf("new"), 0),
  ])
  expect(writes.map((write) => write.status)).toEqual(["rejected", "fulfilled"])
  expect((await damaged.get("b"))?.key).toBe("b")
  await damaged.close()
  await dispose()
})

test("a file that lost its end is refused and stays as it is", async () => {
  const { store, file, dispose } = await openTemporarySqlite()
  await fillWithObjects(store)
  await store.close()
  await truncate(file, (await stat(file)).size - 3 * pageBytes)
  const before = await readFile(file)
  await expect(open(file)).rejects.toThrow("it is damaged")
  expect(Buffer.compare(await readFile(file), before)).toBe(0)
  await dispose()
})

async function open(file: string): Promise<Store> {
  return openSqliteStore({ file, clock: new FakeClock(), log: silentLogger })
}

async function openAndList(file: string, expected: unknown): Promise<unknown> {
  const store = await open(file).catch((error: unknown) => error as Error)
  if (store instanceof Error) return store
  try {
    expect((await store.list("")).entries.map(readable)).toEqual(expected)
    return undefined
  } catch (error) {
    return error
  } finally {
    await store.close()
  }
}

async function fillWithObjects(store: Store): Promise<void> {
  const keys = Array.from({ length: 60 }, (_, index) => `machines/default/machine-${index}`)
  const value = (key: string): Uint8Array => bytesOf(`${key} `.repeat(key.length * 3))
  await Promise.all(keys.map(async (key) => store.put(key, value(key), 0)))
}

/** Writes until the store refuses; answers the refusal. */
async function fill(store: Store, written: string[]): Promise<unknown> {
  for (;;) {
    const keys = Array.from({ length: 4 }, (_, index) => `key-${written.length + index}`)
    const writes = keys.map(async (key) => store.put(key, new Uint8Array(20_000), 0))
    const outcomes = await Promise.allSettled(writes)
    outcomes.forEach((outcome, index) => {
      if (outcome.status === "fulfilled") written.push(keys[index] as string)
    })
    const refusal = outcomes.find((outcome) => outcome.status === "rejected")
    if (refusal !== undefined) return refusal.reason
  }
}

async function keysOf(store: Store): Promise<string[]> {
  return (await store.list("")).entries.map((entry) => entry.key)
}

async function onSmallDisk(run: (directory: string) => Promise<void>): Promise<void> {
  const directory = await makeTemporaryDirectory()
  const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=6m", "tmpfs", directory])
  if (mounted.status !== 0) throw new Error(`mount ${directory}: ${mounted.stderr.toString()}`)
  try {
    await run(directory)
  } finally {
    spawnSync("umount", [directory])
    await rm(directory, { recursive: true })
  }
}
