import { expect } from "vitest"

import { CompactedError, StoreError } from "../errors.ts"
import type { ListOptions, Store } from "../store.ts"
import {
  bytesOf,
  createAll,
  overwrite,
  readable,
  type StoreCases,
  textOf,
} from "./store-context.ts"

export const listCases: StoreCases = {
  "a list is in byte order, whatever the order of writing": async ({ store }) => {
    const keys = ["b", "\u{1f600}", "a/1", "a", "\uffee", "a\0", "a-1", "ä", "B", "a/10", "a/2"]
    await createAll(store, keys)
    const inByteOrder = [...keys].sort((left, right) =>
      Buffer.compare(Buffer.from(left), Buffer.from(right)),
    )
    expect(await keysOf(store, "")).toEqual(inByteOrder)
    expect(inByteOrder.slice(-2)).toEqual(["\uffee", "\u{1f600}"])
  },

  "a list holds exactly the keys with the prefix": async ({ store }) => {
    await createAll(store, ["a", "a/", "a/1", "a/\u{10ffff}", "a/\u{10ffff}x", "a0", "b/1", "A/1"])
    expect(await keysOf(store, "a/")).toEqual(["a/", "a/1", "a/\u{10ffff}", "a/\u{10ffff}x"])
    expect(await keysOf(store, "a/\u{10ffff}")).toEqual(["a/\u{10ffff}", "a/\u{10ffff}x"])
    expect(await keysOf(store, "c")).toEqual([])
    expect(await keysOf(store, "")).toHaveLength(8)
  },

  "a list carries values, both revisions and the revision it stands for": async ({ store }) => {
    const [first, second] = await createAll(store, ["a", "b"])
    const updated = await store.put("a", bytesOf("new"), first as number)
    const result = await store.list("")
    expect(result.revision).toBe(updated)
    expect(result.count).toBe(2)
    expect(result.entries.map(readable)).toEqual([
      { key: "a", value: "new", createRevision: first, revision: updated },
      { key: "b", value: "b", createRevision: second, revision: second },
    ])
  },

  "a limit cuts the entries and not the count": async ({ store }) => {
    await createAll(store, ["a/1", "a/2", "a/3", "b"])
    const page = await store.list("a/", { limit: 2 })
    expect(page.entries.map((entry) => entry.key)).toEqual(["a/1", "a/2"])
    expect(page.count).toBe(3)
    const counted = await store.list("a/", { limit: 0 })
    expect(counted).toMatchObject({ entries: [], count: 3 })
  },

  "from starts a list at a key, there or not, and counts from there": async ({ store }) => {
    await createAll(store, ["a/1", "a/2", "a/3", "a/5", "b"])
    const there = await store.list("a/", { from: "a/2" })
    expect(there.entries.map((entry) => entry.key)).toEqual(["a/2", "a/3", "a/5"])
    expect(there.count).toBe(3)
    const between = await store.list("a/", { from: "a/3\0", limit: 5 })
    expect(between.entries.map((entry) => entry.key)).toEqual(["a/5"])
    expect(await keysOf(store, "a/", { from: "a/6" })).toEqual([])
  },

  "pages at one revision give one state while others write": async ({ store }) => {
    const keys = Array.from({ length: 25 }, (_, index) => `page/${String(index).padStart(2, "0")}`)
    await createAll(store, keys)
    const seen: string[] = []
    let page = await store.list("page/", { limit: 7 })
    const atRevision = page.revision
    for (;;) {
      seen.push(...page.entries.map((entry) => `${entry.key}=${textOf(entry.value)}`))
      expect(page.revision).toBe(atRevision)
      const last = page.entries.at(-1)
      if (last === undefined || page.count <= page.entries.length) break
      await overwrite(store, keys[seen.length % keys.length] as string, "changed")
      await overwrite(store, `page/${String(seen.length).padStart(2, "0")}-new`, "added")
      const gone = await store.get(keys.at(-1) as string)
      if (gone) await store.delete(gone.key, gone.revision)
      page = await store.list("page/", { from: `${last.key}\0`, limit: 7, atRevision })
    }
    expect(seen).toEqual(keys.map((key) => `${key}=${key}`))
  },

  "a list at a revision shows what was there then": async ({ store }) => {
    const first = await store.put("a", bytesOf("one"), 0)
    const second = await store.put("b", bytesOf("one"), 0)
    const third = await store.put("a", bytesOf("two"), first)
    const fourth = await store.delete("b", second)
    const fifth = await store.put("b", bytesOf("again"), 0)
    expect(await stateAt(store, first)).toEqual({ a: "one" })
    expect(await stateAt(store, second)).toEqual({ a: "one", b: "one" })
    expect(await stateAt(store, third)).toEqual({ a: "two", b: "one" })
    expect(await stateAt(store, fourth)).toEqual({ a: "two" })
    expect(await stateAt(store, fifth)).toEqual({ a: "two", b: "again" })
    const past = await store.list("", { atRevision: third })
    expect(past.entries[1]).toMatchObject({ key: "b", createRevision: second, revision: second })
    expect(past.count).toBe(2)
  },

  "a list at a revision yet to come fails": async ({ store }) => {
    const newest = await store.put("a", bytesOf("one"), 0)
    await expect(store.list("", { atRevision: newest + 1000 })).rejects.toThrow(StoreError)
  },

  "compaction keeps the state at its revision and every newest value": async ({ store }) => {
    const [first, second] = await createAll(store, ["a", "b", "c"])
    const updated = await store.put("a", bytesOf("two"), first as number)
    const deleted = await store.delete("b", second as number)
    const last = await store.put("a", bytesOf("three"), updated)
    await store.compact(deleted)
    expect(await stateAt(store, last)).toEqual({ a: "three", c: "c" })
    expect(await stateAt(store, deleted)).toEqual({ a: "two", c: "c" })
    for (const atRevision of [first as number, updated]) {
      const error = await store.list("", { atRevision }).catch((error: unknown) => error)
      expect(error).toBeInstanceOf(CompactedError)
      expect((error as CompactedError).compacted).toBe(deleted)
    }
    expect(await store.revision()).toBe(last)
  },

  "compaction of what is already forgotten changes nothing": async ({ store }) => {
    const [first, second, third] = (await createAll(store, ["a", "b", "c"])) as [
      number,
      number,
      number,
    ]
    await store.compact(second)
    await store.compact(first)
    await store.compact(second)
    expect(await stateAt(store, second)).toEqual({ a: "a", b: "b" })
    expect(await stateAt(store, third)).toEqual({ a: "a", b: "b", c: "c" })
  },

  "compaction of a revision yet to come fails": async ({ store }) => {
    const newest = await store.put("a", bytesOf("one"), 0)
    await expect(store.compact(newest + 1000)).rejects.toThrow(StoreError)
    expect(await stateAt(store, newest)).toEqual({ a: "one" })
  },

  "compaction of everything keeps the revision where it was": async ({ store }) => {
    const created = await store.put("a", bytesOf("one"), 0)
    const deleted = await store.delete("a", created)
    await store.compact(deleted)
    expect(await store.revision()).toBe(deleted)
    expect(await store.put("a", bytesOf("two"), 0)).toBeGreaterThan(deleted)
  },

  "a snapshot is the state at one revision, also while others write": async ({ store }) => {
    const keys = Array.from({ length: 50 }, (_, index) => `key-${String(index).padStart(2, "0")}`)
    const revisions = await createAll(store, keys)
    const snapshot = await store.snapshot()
    expect(snapshot.revision).toBe(revisions.at(-1))
    const entries: (object | undefined)[] = []
    for await (const entry of snapshot.entries) {
      if (entries.length === 0) {
        const newest = await overwrite(store, "key-30", "changed")
        await overwrite(store, "key-99", "added")
        await store.compact(newest)
      }
      entries.push(readable(entry))
    }
    expect(entries).toEqual(
      keys.map((key, index) => ({
        key,
        value: key,
        createRevision: revisions[index],
        revision: revisions[index],
      })),
    )
  },

  "a list of many entries is complete and in order": async ({ store }) => {
    const keys = Array.from(
      { length: 5000 },
      (_, index) => `many/${String(index).padStart(5, "0")}`,
    )
    await Promise.all(keys.map((key) => store.put(key, bytesOf(`${key}:${"v".repeat(100)}`), 0)))
    const { entries, count } = await store.list("many/")
    expect(count).toBe(keys.length)
    expect(entries.map((entry) => entry.key)).toEqual(keys)
    expect(entries.every((entry) => textOf(entry.value)?.startsWith(`${entry.key}:`))).toBe(true)
    expect((await store.list("many/", { limit: 3000 })).entries).toHaveLength(3000)
  },
}

async function keysOf(store: Store, prefix: string, options?: ListOptions): Promise<string[]> {
  const result = await store.list(prefix, options)
  expect(result.count).toBe(result.entries.length)
  return result.entries.map((entry) => entry.key)
}

async function stateAt(store: Store, atRevision: number): Promise<Record<string, string>> {
  const { entries, revision } = await store.list("", { atRevision })
  expect(revision).toBe(atRevision)
  return Object.fromEntries(entries.map((entry) => [entry.key, textOf(entry.value) ?? ""]))
}
