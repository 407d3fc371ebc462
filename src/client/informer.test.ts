import { expect, test } from "vitest"
import { silentLogger, systemClock } from "#base"
import { FakeClock } from "#base/testing"
import { type ConfigMap, ConfigMapKind, PodKind } from "#apis"
import { TestServer } from "#apiserver/testing"
import { Client, HttpTransport, Informer, InformerSource } from "#client"
import {
  ApiError,
  type ApiObject,
  type ApiTransport,
  isAlreadyExists,
  isConflict,
  type ObjectCache,
  type WatchEvent,
} from "#meta"

const key = { namespace: "default", name: "a" }

/** A client over HTTPS to a real API server. */
async function overHttp(server: TestServer): Promise<HttpTransport> {
  const { certificatePem, privateKeyPem } = await server.clientCertificate()
  return new HttpTransport({
    server: await server.url(),
    caPem: server.caPem,
    clientCertificatePem: certificatePem,
    clientKeyPem: privateKeyPem,
    clock: systemClock,
    userAgent: "test/1",
  })
}

function configMap(name: string, data: Record<string, string> = {}) {
  return { metadata: { name, namespace: "default" }, data }
}

/** Resolves when the cache shows what is asked for. */
function until(cache: ObjectCache<ConfigMap>, holds: () => boolean): Promise<void> {
  if (holds()) return Promise.resolve()
  return new Promise((resolve) => {
    const stop = cache.subscribe(() => {
      if (!holds()) return
      stop()
      resolve()
    })
  })
}

test("the client reads and writes over HTTPS what it writes and reads in process", async () => {
  await using server = await TestServer.start()
  const transport = await overHttp(server)
  const client = new Client(transport, { fieldManager: "me" })
  try {
    const created = await client.create(ConfigMapKind, configMap("a", { x: "1" }))
    expect(created).toMatchObject({ apiVersion: "v1", kind: "ConfigMap", data: { x: "1" } })
    const again = client.create(ConfigMapKind, configMap("a"))
    expect(isAlreadyExists(await again.catch((error: unknown) => error))).toBe(true)

    await client.patch(ConfigMapKind, key, { type: "merge", body: { data: { y: "2" } } })
    const add = { op: "add", path: "/data/z", value: "3" } as const
    await client.patch(ConfigMapKind, key, { type: "json", body: [add] })
    await client.patch(ConfigMapKind, key, { type: "strategic", body: { data: { x: null } } })
    const applied = await client.apply(ConfigMapKind, configMap("a", { w: "4" }))
    expect(applied.data).toEqual({ y: "2", z: "3", w: "4" })
    expect(applied.metadata.managedFields?.map((entry) => entry.manager)).toContain("me")

    const stale = client.update(ConfigMapKind, created)
    expect(isConflict(await stale.catch((error: unknown) => error))).toBe(true)
    expect(await client.find(ConfigMapKind, { ...key, name: "none" })).toBeUndefined()
    expect(await client.listAll(ConfigMapKind, { namespace: "default" })).toHaveLength(1)
    const other = client.delete(ConfigMapKind, key, { preconditions: { uid: "other" } })
    await expect(other).rejects.toMatchObject({ code: 409 })
    await client.delete(ConfigMapKind, key)
    expect(await client.find(ConfigMapKind, key)).toBeUndefined()
  } finally {
    transport.close()
  }
})

test("a long list is read in pages", async () => {
  await using server = await TestServer.start()
  const client = new Client(server.transport(), { fieldManager: "me" })
  await Promise.all(
    Array.from({ length: 1_100 }, (_, n) => client.create(ConfigMapKind, configMap(`m${n}`))),
  )
  const transport = await overHttp(server)
  try {
    const remote = new Client(transport, { fieldManager: "me" })
    const all = await remote.listAll(ConfigMapKind, { namespace: "default" })
    expect(new Set(all.map((object) => object.metadata.name)).size).toBe(1_100)
  } finally {
    transport.close()
  }
})

test("a cache over HTTP is filled, frozen, and never older than our own writes", async () => {
  await using server = await TestServer.start()
  const transport = await overHttp(server)
  const source = new InformerSource({ transport, clock: systemClock, log: silentLogger })
  const client = new Client(source.follow(transport), { fieldManager: "me" })
  try {
    await client.create(ConfigMapKind, configMap("before"))
    const cache = await source.cache(ConfigMapKind)
    expect(cache.get("default", "before")).toBeDefined()
    expect(Object.isFrozen(cache.get("default", "before")?.metadata)).toBe(true)

    for (let n = 0; n < 50; n += 1) {
      const name = `a${n}`
      await client.create(ConfigMapKind, configMap(name, { n: "0" }))
      expect(cache.get("default", name)?.data).toEqual({ n: "0" })
      await client.apply(ConfigMapKind, configMap(name, { n: "1" }))
      expect(cache.get("default", name)?.data).toEqual({ n: "1" })
      await client.apply(ConfigMapKind, configMap(name, { n: "1" }))
      await client.delete(ConfigMapKind, { namespace: "default", name })
      expect(cache.get("default", name)).toBeUndefined()
    }
  } finally {
    await source.stop()
    transport.close()
  }
})

test("a write that removes the last finalizer of a deleted object counts as seen", async () => {
  await using server = await TestServer.start()
  const transport = await overHttp(server)
  const source = new InformerSource({ transport, clock: systemClock, log: silentLogger })
  const client = new Client(source.follow(transport), { fieldManager: "me" })
  try {
    const cache = await source.cache(ConfigMapKind)
    const held = { metadata: { ...key, finalizers: ["test.dev/hold"] } }
    await client.create(ConfigMapKind, held)
    await client.delete(ConfigMapKind, key)
    expect(cache.get("default", "a")?.metadata.deletionTimestamp).toBeDefined()

    const body = { metadata: { finalizers: null } }
    await client.patch(ConfigMapKind, key, { type: "merge", body })

    expect(cache.get("default", "a")).toBeUndefined()
  } finally {
    await source.stop()
    transport.close()
  }
})

/** Cuts watches and forgets history when told to; the rest is the real transport. */
class FaultyTransport implements ApiTransport {
  readonly get: ApiTransport["get"]
  readonly list: ApiTransport["list"]
  readonly create: ApiTransport["create"]
  readonly update: ApiTransport["update"]
  readonly patch: ApiTransport["patch"]
  readonly delete: ApiTransport["delete"]
  readonly calls: string[] = []
  readonly #inner: ApiTransport
  readonly #faults: ApiError[] = []
  #cut: AbortController | undefined

  constructor(inner: ApiTransport) {
    this.#inner = inner
    this.get = (target) => inner.get(target)
    this.list = (target, options) => {
      this.calls.push("list")
      return inner.list(target, options)
    }
    this.create = (...parameters) => inner.create(...parameters)
    this.update = (...parameters) => inner.update(...parameters)
    this.patch = (...parameters) => inner.patch(...parameters)
    this.delete = (...parameters) => inner.delete(...parameters)
  }

  /** Ends the watch that runs now; the next ones fail with these errors first. */
  cut(...faults: readonly ApiError[]): void {
    this.#faults.push(...faults)
    this.#cut?.abort()
  }

  async *watch(
    ...[target, options, signal]: Parameters<ApiTransport["watch"]>
  ): AsyncGenerator<WatchEvent<ApiObject>> {
    this.calls.push("watch")
    const fault = this.#faults.shift()
    if (fault) throw fault
    this.#cut = new AbortController()
    yield* this.#inner.watch(target, options, AbortSignal.any([signal, this.#cut.signal]))
  }
}

test("an informer resumes a watch that was cut, and lists again when history is gone", async () => {
  await using server = await TestServer.start()
  const client = new Client(server.transport(), { fieldManager: "me" })
  const transport = new FaultyTransport(server.transport())
  const clock = new FakeClock()
  const informer = new Informer({ transport, kind: ConfigMapKind, clock, log: silentLogger })
  await client.create(ConfigMapKind, configMap("a"))
  informer.start()
  await informer.synced
  const { cache } = informer
  await client.create(ConfigMapKind, configMap("b"))
  await until(cache, () => cache.get("default", "b") !== undefined)

  transport.cut()
  await client.create(ConfigMapKind, configMap("c"))
  await until(cache, () => cache.get("default", "c") !== undefined)
  expect(transport.calls.filter((call) => call === "list")).toHaveLength(1)

  transport.cut(new ApiError(410, "Expired", "too old"))
  await client.delete(ConfigMapKind, key)
  await until(cache, () => cache.get("default", "a") === undefined)
  expect(transport.calls.filter((call) => call === "list")).toHaveLength(2)
  await informer.stop()
})

test("an informer backs off while the server fails", async () => {
  await using server = await TestServer.start()
  const transport = new FaultyTransport(server.transport())
  const clock = new FakeClock()
  const slept = Promise.withResolvers<void>()
  const log = { ...silentLogger, warn: () => slept.resolve() }
  transport.cut(new ApiError(503, "ServiceUnavailable", "away"))
  const informer = new Informer({ transport, kind: ConfigMapKind, clock, log })
  informer.start()
  await slept.promise
  expect(transport.calls).toEqual(["list", "watch"])

  const client = new Client(server.transport(), { fieldManager: "me" })
  await client.create(ConfigMapKind, configMap("late"))
  clock.advance(800)

  await until(informer.cache, () => informer.cache.get("default", "late") !== undefined)
  expect(transport.calls).toEqual(["list", "watch", "watch"])
  await informer.stop()
})

test("waiting for a version that never comes ends with an error", async () => {
  await using server = await TestServer.start()
  const clock = new FakeClock()
  const transport = server.transport()
  const informer = new Informer({ transport, kind: PodKind, clock, log: silentLogger })
  informer.start()
  await informer.synced

  const wait = informer.waitForRevision("999999999", 5_000)
  clock.advance(5_000)

  await expect(wait).rejects.toThrow("watch did not reach version 999999999 in time")
  await informer.stop()
})
