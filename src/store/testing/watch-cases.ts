import { expect } from "vitest"

import { CompactedError, StoreError } from "../errors.ts"
import { bytesOf, createAll, overwrite, readableChange, type StoreCases } from "./store-context.ts"
import { WatchReader } from "./watch-reader.ts"

export const watchCases: StoreCases = {
  "a watch tells every change after its revision, with the entry before": async ({ store }) => {
    const from = await store.put("before", bytesOf("x"), 0)
    const reader = new WatchReader(store, "", from)
    const created = await store.put("a", bytesOf("one"), 0)
    const updated = await store.put("a", bytesOf("two"), created)
    const deleted = await store.delete("a", updated)
    const again = await store.put("a", bytesOf("three"), 0)
    const entry = { key: "a", createRevision: created }
    const expected = [
      { type: "put", key: "a", revision: created, value: "one", previous: undefined },
      {
        type: "put",
        key: "a",
        revision: updated,
        value: "two",
        previous: { ...entry, value: "one", revision: created },
      },
      {
        type: "delete",
        key: "a",
        revision: deleted,
        value: undefined,
        previous: { ...entry, value: "two", revision: updated },
      },
      { type: "put", key: "a", revision: again, value: "three", previous: undefined },
    ]
    expect((await reader.reach(again)).map(readableChange)).toEqual(expected)
    reader.abort()
    const late = new WatchReader(store, "", from)
    expect((await late.reach(again)).map(readableChange)).toEqual(expected)
    late.abort()
  },

  "a watch joins history and present without a gap": async ({ store }) => {
    const from = await store.revision()
    const keys = Array.from({ length: 200 }, (_, index) => `key-${index}`)
    await createAll(store, keys.slice(0, 50))
    const reader = new WatchReader(store, "key-", from)
    const writes = Promise.all(keys.slice(50).map((key) => store.put(key, bytesOf(key), 0)))
    const last = Math.max(...(await writes))
    const changes = await reader.reach(last)
    expect(changes.map((change) => change.key).sort()).toEqual([...keys].sort())
    const revisions = changes.map((change) => change.revision)
    expect(revisions).toEqual([...revisions].sort((left, right) => left - right))
    expect(new Set(revisions).size).toBe(keys.length)
    reader.abort()
  },

  "a watch tells only its prefix, and marks what it left out": async ({ store }) => {
    const from = await store.revision()
    const reader = new WatchReader(store, "a/", from)
    await store.put("a/1", bytesOf("x"), 0)
    await store.put("a", bytesOf("x"), 0)
    await store.put("a0", bytesOf("x"), 0)
    const last = await store.put("b/1", bytesOf("x"), 0)
    const changes = await reader.reach(last)
    expect(changes.map((change) => change.key)).toEqual(["a/1"])
    reader.abort()
  },

  "progress never runs ahead of the changes": async ({ store }) => {
    const from = await store.revision()
    const abort = new AbortController()
    const watch = store.watch("", from, abort.signal)
    const writes = Array.from({ length: 100 }, (_, index) => store.put(`${index}`, bytesOf(""), 0))
    const last = Math.max(...(await Promise.all(writes)))
    let progress = from
    for await (const batch of watch) {
      for (const change of batch.changes) {
        expect(change.revision).toBeGreaterThan(progress)
        expect(change.revision).toBeLessThanOrEqual(batch.progress)
      }
      progress = batch.progress
      if (progress >= last) break
    }
    expect(progress).toBe(last)
  },

  "a watch from a revision yet to come tells only what comes after it": async ({ store }) => {
    const newest = await store.put("a", bytesOf("x"), 0)
    const reader = new WatchReader(store, "", newest + 2)
    let last = newest
    while (last < newest + 4) last = await overwrite(store, "a", `at ${last}`)
    await reader.reach(last)
    expect(reader.changes.every((change) => change.revision > newest + 2)).toBe(true)
    expect(reader.changes.at(-1)?.revision).toBe(last)
    reader.abort()
  },

  "a watch from before the compaction fails, from the compaction on it works": async ({
    store,
  }) => {
    const [first, second, third] = (await createAll(store, ["a", "b", "c"])) as [
      number,
      number,
      number,
    ]
    await store.compact(second)
    const old = new WatchReader(store, "", first)
    const error = await old.step().catch((error: unknown) => error)
    expect(error).toBeInstanceOf(CompactedError)
    expect(await old.step()).toBe(false)
    const reader = new WatchReader(store, "", second)
    expect((await reader.reach(third)).map((change) => change.key)).toEqual(["c"])
    reader.abort()
  },

  "changes after a compaction still carry the entry before": async ({ store }) => {
    const created = await store.put("a", bytesOf("one"), 0)
    const other = await store.put("b", bytesOf("one"), 0)
    await store.compact(other)
    const updated = await store.put("a", bytesOf("two"), created)
    const reader = new WatchReader(store, "", other)
    expect((await reader.reach(updated)).map(readableChange)).toMatchObject([
      { previous: { value: "one", revision: created, createRevision: created } },
    ])
    reader.abort()
  },

  "an abort ends a waiting watch without an error": async ({ store }) => {
    const reader = new WatchReader(store, "", await store.revision())
    const step = reader.step()
    reader.abort()
    expect(await step).toBe(false)
    expect(await reader.step()).toBe(false)
  },

  "a watch whose signal is aborted already yields nothing": async ({ store }) => {
    const from = await store.revision()
    await store.put("a", bytesOf("x"), 0)
    const reader = new WatchReader(store, "", from)
    reader.abort()
    expect(await reader.step()).toBe(false)
  },

  "a watch that nobody reads delays neither writes nor other watches": async ({ store }) => {
    const from = await store.revision()
    const slow = new WatchReader(store, "", from)
    const fast = new WatchReader(store, "", from)
    const value = new Uint8Array(1024 * 1024)
    let last = from
    for (let index = 0; index < 24; index += 1) {
      last = await store.put(`key-${index}`, value, 0)
      await fast.reach(last)
    }
    expect(fast.changes).toHaveLength(24)
    expect((await slow.reach(last)).map((change) => change.revision)).toEqual(
      fast.changes.map((change) => change.revision),
    )
    slow.abort()
    fast.abort()
  },

  "an awaited watch sees a change before the writer gets its answer": async ({ store, local }) => {
    const abort = new AbortController()
    const watch = store.watch("", await store.revision(), abort.signal)[Symbol.asyncIterator]()
    const order: string[] = []
    const read = watch.next().then(() => order.push("watch"))
    const write = store.put("a", bytesOf("x"), 0).then(() => order.push("writer"))
    await Promise.all([read, write])
    expect(order.toSorted()).toEqual(["watch", "writer"])
    if (local) expect(order).toEqual(["watch", "writer"])
    abort.abort()
  },

  "close fails running watches and everything after it": async ({ store }) => {
    const reader = new WatchReader(store, "", await store.revision())
    const step = reader.step().catch((error: unknown) => error)
    const write = store.put("a", bytesOf("x"), 0)
    await store.close()
    expect(await write).toBeGreaterThan(0)
    const outcome = await step
    if (outcome === true) await expect(reader.step()).rejects.toThrow(StoreError)
    else expect(outcome).toBeInstanceOf(StoreError)
    await expect(store.get("a")).rejects.toThrow(StoreError)
    await expect(store.list("")).rejects.toThrow(StoreError)
    await expect(store.put("b", bytesOf("x"), 0)).rejects.toThrow(StoreError)
    await expect(store.delete("a", 1)).rejects.toThrow(StoreError)
    await expect(store.revision()).rejects.toThrow(StoreError)
    await expect(new WatchReader(store, "", 0).step()).rejects.toThrow(StoreError)
    await store.close()
  },
}
