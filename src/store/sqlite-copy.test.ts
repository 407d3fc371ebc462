import { open } from "node:fs/promises"
import { join } from "node:path"

import { expect, test } from "vitest"

import { StoreError } from "./errors.ts"
import { copySqliteStore } from "./sqlite-copy.ts"
import type { Entry } from "./store.ts"
import { openTemporarySqlite } from "./testing/sqlite-context.ts"
import { bytesOf, readable } from "./testing/store-context.ts"

test("a copy holds one moment of a store that is written and compacted meanwhile", async () => {
  const { store, file, dispose } = await openTemporarySqlite()
  try {
    for (let index = 0; index < 2500; index += 1) {
      void store.put(`key-${index}`, bytesOf(`${index}`), 0)
    }
    const { revision } = (await store.get("key-2499")) as Entry
    const before = await store.list("")

    const copy = copySqliteStore(file)
    await store.put("key-2499", bytesOf("later"), revision)
    await store.delete("key-3", (await store.get("key-3"))?.revision ?? 0)
    await store.compact(await store.revision())
    const entries = await Array.fromAsync(copy.entries)

    expect(copy.revision).toBe(before.revision)
    expect(entries.map(readable)).toEqual(before.entries.map(readable))
    expect((await store.list("")).count).toBe(2499)
  } finally {
    await dispose()
  }
})

test("what is no store of ours cannot be copied", async () => {
  const { store, file, directory, dispose } = await openTemporarySqlite()
  try {
    expect(() => copySqliteStore(join(directory, "absent.db"))).toThrow(StoreError)
    await store.put("key", bytesOf("x"), 0)
    await store.close()
    const handle = await open(file, "r+")
    await handle.write(Buffer.alloc(64, 7), 0, 64, 0)
    await handle.close()
    expect(() => copySqliteStore(file)).toThrow(/damaged/)
  } finally {
    await dispose()
  }
})
