import { afterAll, beforeAll, describe, expect, test } from "vitest"

import { openEtcdStore, RevisionConflictError, type Store, StoreError } from "#store"
import { modelCheck, type StoreContext, storeConformance } from "#store/testing"

import { labBinary } from "../../lab/paths.ts"
import { EtcdProcess } from "./etcd-process.ts"

const program = labBinary("etcd")
const isEverythingRequired = process.env["MOTHERSHIP_TEST_REQUIRE"] === "all"

describe.skipIf(program === undefined && !isEverythingRequired)(
  "a real etcd (needs: npm run lab -- build)",
  () => {
    let etcd: EtcdProcess
    let stores = 0

    const open = async (prefix = `/store-${(stores += 1)}/`): Promise<StoreContext> => {
      const store = openEtcdStore({ endpoints: [etcd.endpoint], prefix })
      const crash = async (): Promise<StoreContext> => {
        await etcd.crash()
        return open(prefix)
      }
      return { store, local: false, dispose: async () => store.close(), crash }
    }

    beforeAll(async () => {
      if (program === undefined) throw new Error("there is no etcd: run `npm run lab -- build`")
      etcd = await EtcdProcess.start(program)
    })
    afterAll(async () => etcd.stop())

    storeConformance("etcd", open, { survives: true })

    test.for([1, 2, 3])("random operations agree with the model, seed %i", async (seed) => {
      await modelCheck(open, { seed, steps: 150 })
    })

    test("stores with different prefixes do not see each other", async () => {
      const [one, other] = [await open("/shared/"), await open("/shared0/")]
      await one.store.put("a", new Uint8Array(1), 0)
      await other.store.put("a", new Uint8Array(2), 0)
      expect((await one.store.list("")).entries.map((entry) => entry.value.length)).toEqual([1])
      expect((await other.store.list("")).entries.map((entry) => entry.value.length)).toEqual([2])
      await one.dispose()
      await other.dispose()
    })

    test("an endpoint that nobody listens on is passed over", async () => {
      const endpoints = ["http://127.0.0.1:1", etcd.endpoint]
      const store: Store = openEtcdStore({ endpoints, prefix: "/passed-over/" })
      const revision = await store.put("a", new Uint8Array(1), 0)
      expect((await store.get("a"))?.revision).toBe(revision)
      await expect(store.put("a", new Uint8Array(1), 0)).rejects.toThrow(RevisionConflictError)
      await store.close()
    })

    test("a watch goes on where it was when its member comes back", async () => {
      const { store, dispose } = await open()
      const abort = new AbortController()
      const watch = store.watch("", await store.revision(), abort.signal)[Symbol.asyncIterator]()
      const first = watch.next()
      const created = await store.put("a", new Uint8Array(1), 0)
      expect((await first).value).toMatchObject({ progress: created })
      await etcd.crash()
      const updated = await store.put("a", new Uint8Array(2), created)
      expect((await watch.next()).value).toMatchObject({
        changes: [{ key: "a", revision: updated, previous: { revision: created } }],
      })
      abort.abort()
      await dispose()
    })
  },
)

test("an etcd that cannot be reached is an error that names the endpoint", async () => {
  const store = openEtcdStore({ endpoints: ["http://127.0.0.1:1"], prefix: "/none/" })
  await expect(store.get("a")).rejects.toThrow(StoreError)
  await expect(store.get("a")).rejects.toThrow("http://127.0.0.1:1")
  const watch = store.watch("", 1, new AbortController().signal)[Symbol.asyncIterator]()
  await expect(watch.next()).rejects.toThrow(StoreError)
  await store.close()
})
