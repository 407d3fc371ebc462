import { expect } from "vitest"

import { bytesOf, createAll, readable, type StoreContext } from "./store-context.ts"
import { WatchReader } from "./watch-reader.ts"

type Crash = () => Promise<StoreContext>

/** For drivers whose data outlives the process: the store before a crash, and how to crash it. */
export const crashCases: Readonly<
  Record<string, (context: StoreContext, crash: Crash) => Promise<void>>
> = {
  "after a crash every acknowledged write is there, and revisions go on": async (
    context,
    crash,
  ) => {
    const { store } = context
    const [first, second] = (await createAll(store, ["a", "b", "c"])) as [number, number]
    const updated = await store.put("a", bytesOf("two"), first)
    const deleted = await store.delete("b", second)
    const before = await store.list("")
    const after = await crash()
    try {
      expect(await after.store.revision()).toBe(deleted)
      const { entries } = await after.store.list("")
      expect(entries.map(readable)).toEqual(before.entries.map(readable))
      expect((await after.store.get("a"))?.revision).toBe(updated)
      expect(await after.store.put("b", bytesOf("again"), 0)).toBeGreaterThan(deleted)
    } finally {
      await after.dispose()
    }
  },

  "after a crash a watch goes on from where it was": async ({ store }, crash) => {
    const [first] = (await createAll(store, ["a", "b", "c"])) as [number]
    const after = await crash()
    try {
      const last = await after.store.put("d", bytesOf("d"), 0)
      const reader = new WatchReader(after.store, "", first)
      expect((await reader.reach(last)).map((change) => change.key)).toEqual(["b", "c", "d"])
      reader.abort()
    } finally {
      await after.dispose()
    }
  },

  "after a crash what was compacted stays so, and no revision is used twice": async (
    { store },
    crash,
  ) => {
    const created = await store.put("a", bytesOf("one"), 0)
    const deleted = await store.delete("a", created)
    await store.compact(deleted)
    const after = await crash()
    try {
      expect(await after.store.revision()).toBe(deleted)
      await expect(after.store.list("", { atRevision: created })).rejects.toThrow()
      expect(await after.store.put("a", bytesOf("two"), 0)).toBeGreaterThan(deleted)
    } finally {
      await after.dispose()
    }
  },
}
