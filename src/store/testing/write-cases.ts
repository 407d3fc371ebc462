import { expect } from "vitest"

import { RevisionConflictError, StoreError } from "../errors.ts"
import type { Revision } from "../store.ts"
import { bytesOf, createAll, readable, type StoreCases, textOf } from "./store-context.ts"

const bigValueBytes = 3 * 1024 * 1024

export const writeCases: StoreCases = {
  "a created key reads back with its creation as both revisions": async ({ store }) => {
    const before = await store.revision()
    const revision = await store.put("a", bytesOf("one"), 0)
    expect(revision).toBeGreaterThan(before)
    expect(readable(await store.get("a"))).toEqual({
      key: "a",
      value: "one",
      createRevision: revision,
      revision,
    })
    expect(await store.revision()).toBe(revision)
  },

  "a key that was never written reads as undefined": async ({ store }) => {
    expect(await store.get("missing")).toBeUndefined()
    expect(await store.revision()).toBeGreaterThanOrEqual(1)
  },

  "an update keeps the create revision and takes a revision of its own": async ({ store }) => {
    const created = await store.put("a", bytesOf("one"), 0)
    const updated = await store.put("a", bytesOf("two"), created)
    expect(updated).toBeGreaterThan(created)
    const entry = await store.get("a")
    expect(entry).toMatchObject({ createRevision: created, revision: updated })
    expect(textOf(entry?.value)).toBe("two")
  },

  "a create of an existing key fails with what is there": async ({ store }) => {
    const created = await store.put("a", bytesOf("one"), 0)
    const error = await failureOf(store.put("a", bytesOf("two"), 0))
    expect(error).toBeInstanceOf(RevisionConflictError)
    expect((error as RevisionConflictError).key).toBe("a")
    expect(readable((error as RevisionConflictError).current)).toEqual({
      key: "a",
      value: "one",
      createRevision: created,
      revision: created,
    })
    expect(textOf((await store.get("a"))?.value)).toBe("one")
    expect(await store.revision()).toBe(created)
  },

  "an update at an old revision fails and changes nothing": async ({ store }) => {
    const created = await store.put("a", bytesOf("one"), 0)
    const updated = await store.put("a", bytesOf("two"), created)
    const error = await failureOf(store.put("a", bytesOf("three"), created))
    expect((error as RevisionConflictError).current?.revision).toBe(updated)
    expect(textOf((await store.get("a"))?.value)).toBe("two")
  },

  "an update of a missing key fails with nothing there": async ({ store }) => {
    const error = await failureOf(store.put("a", bytesOf("one"), 7))
    expect(error).toBeInstanceOf(RevisionConflictError)
    expect((error as RevisionConflictError).current).toBeUndefined()
    expect(await store.get("a")).toBeUndefined()
  },

  "a delete takes a revision of its own and leaves no key": async ({ store }) => {
    const created = await store.put("a", bytesOf("one"), 0)
    const deleted = await store.delete("a", created)
    expect(deleted).toBeGreaterThan(created)
    expect(await store.get("a")).toBeUndefined()
    expect(await store.revision()).toBe(deleted)
  },

  "a delete at another revision fails and keeps the key": async ({ store }) => {
    const created = await store.put("a", bytesOf("one"), 0)
    const updated = await store.put("a", bytesOf("two"), created)
    for (const expected of [0, created, updated + 1000]) {
      const error = await failureOf(store.delete("a", expected))
      expect(error).toBeInstanceOf(RevisionConflictError)
      expect((error as RevisionConflictError).current?.revision).toBe(updated)
    }
    expect(textOf((await store.get("a"))?.value)).toBe("two")
  },

  "a delete of a missing key fails, whatever was expected": async ({ store }) => {
    for (const expected of [0, 5]) {
      const error = await failureOf(store.delete("missing", expected))
      expect(error).toBeInstanceOf(RevisionConflictError)
      expect((error as RevisionConflictError).current).toBeUndefined()
    }
  },

  "a key created again after its removal starts a new life": async ({ store }) => {
    const created = await store.put("a", bytesOf("one"), 0)
    const deleted = await store.delete("a", created)
    expect(await failureOf(store.put("a", bytesOf("two"), deleted))).toBeInstanceOf(
      RevisionConflictError,
    )
    const again = await store.put("a", bytesOf("two"), 0)
    expect(again).toBeGreaterThan(deleted)
    expect(await store.get("a")).toMatchObject({ createRevision: again, revision: again })
  },

  "concurrent writes to different keys all succeed with different revisions": async ({ store }) => {
    const keys = Array.from({ length: 300 }, (_, index) => `key-${index}`)
    const revisions = await Promise.all(keys.map((key) => store.put(key, bytesOf(key), 0)))
    expect(new Set(revisions).size).toBe(keys.length)
    expect(await store.revision()).toBe(Math.max(...revisions))
    const { entries } = await store.list("key-")
    const found = new Map(entries.map((entry) => [entry.key, entry]))
    keys.forEach((key, index) => {
      expect(readable(found.get(key))).toMatchObject({ value: key, revision: revisions[index] })
    })
  },

  "of concurrent creates of one key exactly one wins": async ({ store }) => {
    const others = Array.from({ length: 20 }, (_, index) => `other-${index}`)
    const contenders = Array.from({ length: 20 }, (_, index) => `value-${index}`)
    const [outcomes] = await Promise.all([
      Promise.allSettled(contenders.map((value) => store.put("contended", bytesOf(value), 0))),
      Promise.all(others.map((key) => store.put(key, bytesOf(key), 0))),
    ])
    const winners = outcomes.flatMap((outcome, index) =>
      outcome.status === "fulfilled" ? [{ index, revision: outcome.value }] : [],
    )
    expect(winners).toHaveLength(1)
    const winner = winners[0] as { index: number; revision: Revision }
    expect(readable(await store.get("contended"))).toMatchObject({
      value: contenders[winner.index],
      revision: winner.revision,
    })
    for (const outcome of outcomes) {
      if (outcome.status === "fulfilled") continue
      expect((outcome.reason as RevisionConflictError).current?.revision).toBe(winner.revision)
    }
    expect((await store.list("other-")).count).toBe(others.length)
  },

  "a chain of dependent updates and removals runs while others write": async ({ store }) => {
    const chain = async (key: string): Promise<void> => {
      for (let round = 0; round < 5; round += 1) {
        const created = await store.put(key, bytesOf("one"), 0)
        const updated = await store.put(key, bytesOf("two"), created)
        await store.delete(key, updated)
      }
    }
    const before = await store.revision()
    await Promise.all(Array.from({ length: 20 }, (_, index) => chain(`chain-${index}`)))
    expect((await store.list("chain-")).count).toBe(0)
    expect(await store.revision()).toBeGreaterThanOrEqual(before + 20 * 15)
  },

  "an empty value and one of three mebibytes read back byte for byte": async ({ store }) => {
    const big = new Uint8Array(bigValueBytes)
    for (let index = 0; index < big.length; index += 1)
      big[index] = (index * 31 + (index >> 8)) & 255
    const created = await store.put("big", big, 0)
    await store.put("empty", new Uint8Array(0), 0)
    expect(Buffer.compare((await store.get("big"))?.value as Uint8Array, big)).toBe(0)
    expect((await store.get("empty"))?.value).toHaveLength(0)
    await store.put("big", bytesOf("small"), created)
    const past = await store.list("big", { atRevision: created })
    expect(Buffer.compare(past.entries[0]?.value as Uint8Array, big)).toBe(0)
  },

  "a value that is a view into a larger buffer is stored alone": async ({ store }) => {
    const pool = bytesOf("xxxxvaluexxxx")
    await store.put("view", pool.subarray(4, 9), 0)
    expect(textOf((await store.get("view"))?.value)).toBe("value")
    expect(textOf(pool)).toBe("xxxxvaluexxxx")
  },

  "keys of any characters are kept apart": async ({ store }) => {
    const keys = [
      "a",
      "a\0",
      "a\0b",
      "A",
      "ä",
      "a\u0308",
      "\u{1f600}",
      "\uffee",
      "a/b",
      "a%",
      "a_b",
      "'",
    ]
    await createAll(store, keys)
    for (const key of keys) {
      const entry = await store.get(key)
      expect(entry?.key).toBe(key)
      expect(textOf(entry?.value)).toBe(key)
    }
    expect((await store.list("")).count).toBe(keys.length)
  },

  "keys that could not come back as they were are refused": async ({ store }) => {
    for (const key of ["", "half-\ud83d"]) {
      expect(await failureOf(store.put(key, bytesOf("x"), 0))).toBeInstanceOf(StoreError)
    }
  },
}

async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    (value) => {
      throw new Error(`it succeeded with ${String(value)}`)
    },
    (error: unknown) => error,
  )
}
