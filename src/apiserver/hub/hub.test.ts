import { expect, test } from "vitest"
import { silentLogger, systemClock } from "#base"
import { CompactedError, openMemoryStore, type Store } from "#store"
import { Hub } from "./hub.ts"
import { encodeStored } from "./record.ts"

const clock = systemClock

function bytes(name: string, uid: string): Buffer {
  return encodeStored({ apiVersion: "v1", kind: "ConfigMap", metadata: { name, uid } })
}

/** A store whose feed stops once and says that what followed is lost. */
function withGap(store: Store): { store: Store; open: () => void } {
  let isBroken = true
  const gate = Promise.withResolvers<void>()
  return {
    open: () => gate.resolve(),
    store: new Proxy(store, {
      get: (target, name: keyof Store) => {
        if (name !== "watch") return (target[name] as () => unknown).bind(target)
        return async function* watch(...args: Parameters<Store["watch"]>) {
          if (isBroken) {
            await gate.promise
            isBroken = false
            throw new CompactedError(1, 2)
          }
          yield* target.watch(...args)
        }
      },
    }),
  }
}

test("a gap in the feed is told as the changes it hides, and watches from before it expire", async () => {
  await using memory = Object.assign(openMemoryStore({ clock }), {
    [Symbol.asyncDispose]: () => memory.close(),
  })
  const prefix = "core/configmaps/"
  const kept = await memory.put(`${prefix}n/kept`, bytes("kept", "1"), 0)
  const gone = await memory.put(`${prefix}n/gone`, bytes("gone", "2"), 0)
  const again = await memory.put(`${prefix}n/again`, bytes("again", "3"), 0)
  const gap = withGap(memory)
  const hub = new Hub({ store: gap.store, clock, log: silentLogger })
  await hub.start()
  const told: string[] = []
  const table = hub.table(prefix)
  table.subscribe((change) =>
    told.push(`${change.type} ${change.record.name} ${change.record.uid}`),
  )

  await memory.put(`${prefix}n/kept`, bytes("kept", "1"), kept)
  await memory.delete(`${prefix}n/gone`, gone)
  const removed = await memory.delete(`${prefix}n/again`, again)
  await memory.put(`${prefix}n/again`, bytes("again", "4"), 0)
  gap.open()
  await hub.catchUp()
  expect(told).toEqual(["modified kept 1", "deleted again 3", "added again 4", "deleted gone 2"])
  expect(table.since(removed)).toBeUndefined()
  expect(table.since(hub.revision)).toEqual([])
  await hub.stop()
})

test("a table keeps its keys in order, however they come and go", async () => {
  const store = openMemoryStore({ clock })
  const hub = new Hub({ store, clock, log: silentLogger })
  await hub.start()
  const prefix = "core/configmaps/"
  const revisions = new Map<string, number>()
  const names = (): readonly string[] => Array.from(hub.table(prefix).range(), ({ name }) => name)
  for (const name of ["m", "c", "x", "a"]) {
    revisions.set(name, await store.put(`${prefix}n/${name}`, bytes(name, name), 0))
  }
  await hub.catchUp()
  expect(names()).toEqual(["a", "c", "m", "x"])
  await store.delete(`${prefix}n/c`, revisions.get("c") ?? 0)
  await store.put(`${prefix}n/b`, bytes("b", "b"), 0)
  await store.put(`${prefix}n/c`, bytes("c", "c2"), 0)
  await hub.catchUp()
  expect(names()).toEqual(["a", "b", "c", "m", "x"])
  await hub.stop()
  await store.close()
})
