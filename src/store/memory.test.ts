import { expect, test } from "vitest"

import { FakeClock } from "#base/testing"

import { CompactedError } from "./errors.ts"
import { openMemoryStore } from "./memory.ts"
import { modelCheck, type OpenStore, storeConformance } from "./testing/index.ts"

const open: OpenStore = async () => {
  const store = openMemoryStore({ clock: new FakeClock() })
  return { store, local: true, dispose: async () => store.close() }
}

storeConformance("memory", open, { survives: false })

test.for([1, 2, 3, 4, 5, 6, 7, 8])(
  "random operations agree with the model, seed %i",
  async (seed) => {
    await modelCheck(open, { seed, steps: 400 })
  },
)

test("history lives at least its time and is then forgotten, and an idle store holds no timer", async () => {
  const clock = new FakeClock()
  const store = openMemoryStore({ clock, historyMs: 1000 })
  expect(clock.nextDueMs).toBeUndefined()
  const first = await store.put("a", new Uint8Array(1), 0)
  clock.advance(900)
  const second = await store.put("a", new Uint8Array(2), first)
  clock.advance(999)
  expect((await store.list("", { atRevision: first })).entries[0]?.value).toHaveLength(1)
  clock.advance(2000)
  await expect(store.list("", { atRevision: first })).rejects.toThrow(CompactedError)
  expect((await store.get("a"))?.revision).toBe(second)
  expect(clock.nextDueMs).toBeUndefined()
  await store.put("b", new Uint8Array(1), 0)
  expect(clock.nextDueMs).toBeDefined()
  await store.close()
  expect(clock.nextDueMs).toBeUndefined()
})
