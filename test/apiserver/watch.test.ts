import { connect } from "node:http2"
import { once } from "node:events"
import { afterAll, beforeAll, expect, test } from "vitest"
import { ConfigMapKind, CustomResourceDefinitionKind } from "#apis"
import { TestServer, widgetDefinition } from "#apiserver/testing"
import { FakeClock } from "#base/testing"
import { Client } from "#client"
import { type Frame, HttpClient } from "./http-client.ts"

const path = "/api/v1/namespaces/default/configmaps"

let server: TestServer
let http: HttpClient
let client: Client

beforeAll(async () => {
  server = await TestServer.start()
  http = await HttpClient.connect(server)
  client = new Client(server.transport(), { fieldManager: "test" })
  await client.create(CustomResourceDefinitionKind, widgetDefinition())
})

afterAll(async () => {
  http[Symbol.dispose]()
  await server[Symbol.asyncDispose]()
})

async function create(name: string, labels: Record<string, string> = {}): Promise<string> {
  const metadata = { name, namespace: "default", labels }
  const created = await client.create(ConfigMapKind, { metadata })
  return created.metadata.resourceVersion ?? ""
}

async function label(name: string, labels: Record<string, string | null>): Promise<string> {
  const patch = { type: "merge", body: { metadata: { labels } } } as const
  const patched = await client.patch(ConfigMapKind, { name, namespace: "default" }, patch)
  return patched.metadata.resourceVersion ?? ""
}

async function remove(name: string): Promise<void> {
  await client.delete(ConfigMapKind, { name, namespace: "default" })
}

async function revision(): Promise<string> {
  const { json } = await http.get(path)
  return (json["metadata"] as { resourceVersion: string }).resourceVersion
}

function told(frames: readonly Frame[]): readonly string[] {
  return frames.map(({ type, object }) => `${type} ${object.metadata.name}`)
}

test("a watch resumes after any revision, and tells everything since in order", async () => {
  const start = await revision()
  const first = await create("one")
  await label("one", { a: "b" })
  await remove("one")
  using watch = await http.watch(`${path}?watch=true&resourceVersion=${start}`)
  expect(told(await watch.take(3))).toEqual(["ADDED one", "MODIFIED one", "DELETED one"])
  using later = await http.watch(`${path}?watch=1&resourceVersion=${first}`)
  expect(told(await later.take(2))).toEqual(["MODIFIED one", "DELETED one"])
  await create("two")
  expect(told(await watch.take(1))).toEqual(["ADDED two"])
  await remove("two")
})

test("a deleted object is shown as it last was, with the revision of its deletion", async () => {
  const last = await create("gone", { a: "b" })
  using watch = await http.watch(`${path}?watch=true&resourceVersion=${last}`)
  await remove("gone")
  const [frame] = await watch.take(1)
  expect(frame?.object.metadata["labels"]).toEqual({ a: "b" })
  expect(Number(frame?.object.metadata.resourceVersion)).toBeGreaterThan(Number(last))
})

test("objects enter and leave a selector as if they came and went", async () => {
  using watch = await http.watch(
    `${path}?watch=true&labelSelector=team%3Dx&resourceVersion=${await revision()}`,
  )
  await create("moving")
  await label("moving", { team: "x" })
  await label("moving", { other: "1" })
  const left = await label("moving", { team: "y" })
  await label("moving", { other: "2" })
  await label("moving", { team: "x" })
  const frames = await watch.take(4)
  expect(told(frames)).toEqual([
    "ADDED moving",
    "MODIFIED moving",
    "DELETED moving",
    "ADDED moving",
  ])
  expect(frames[2]?.object.metadata["labels"]).toEqual({ team: "x", other: "1" })
  expect(frames[2]?.object.metadata.resourceVersion).toBe(left)
  await remove("moving")
})

test("a fresh watch begins with the state, and says where it ends to whoever takes bookmarks", async () => {
  await create("here")
  using legacy = await http.watch(`${path}?watch=true&allowWatchBookmarks=true`)
  const frames = await legacy.take(2)
  expect(told(frames)).toEqual(["ADDED here", "BOOKMARK undefined"])
  expect(frames[1]?.object).toMatchObject({
    kind: "ConfigMap",
    apiVersion: "v1",
    metadata: { annotations: { "k8s.io/initial-events-end": "true" } },
  })
  const query = "watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan"
  using list = await http.watch(`${path}?${query}&allowWatchBookmarks=true&resourceVersion=1`)
  expect(told(await list.take(2))).toEqual(["ADDED here", "BOOKMARK undefined"])
  await create("next")
  expect(told(await list.take(1))).toEqual(["ADDED next"])
  using plain = await http.watch(`${path}?${query}`)
  expect(told(await plain.take(2))).toEqual(["ADDED here", "ADDED next"])
  await remove("here")
  expect(told(await plain.take(1))).toEqual(["DELETED here"])
  await remove("next")
})

test("a watch that is to leave the state out begins with what comes next", async () => {
  await create("before")
  const query = "watch=1&sendInitialEvents=false&resourceVersionMatch=NotOlderThan"
  using watch = await http.watch(`${path}?${query}&allowWatchBookmarks=1`)
  using zero = await http.watch(`${path}?${query}&resourceVersion=0`)
  await create("after")
  expect(told(await watch.take(1))).toEqual(["ADDED after"])
  expect(told(await zero.take(1))).toEqual(["ADDED after"])
  await remove("before")
  await remove("after")
})

test("a revision that history has lost is answered with 410 in the stream", async () => {
  const before = await TestServer.start()
  await before.server.stop()
  await using restarted = await TestServer.start({ store: before.store })
  using other = await HttpClient.connect(restarted)
  using watch = await other.watch(`${path}?watch=true&resourceVersion=1`)
  expect(watch.code).toBe(200)
  const [frame] = await watch.take(1)
  expect(frame).toMatchObject({ type: "ERROR", object: { code: 410, reason: "Expired" } })
  expect(String(frame?.object["message"])).toMatch(/^too old resource version: 1 \(\d+\)$/)
  expect(await watch.next()).toBeUndefined()
})

test("a watch of a custom kind shows the version it asked for, and selects by its fields", async () => {
  const widgets = "/apis/example.com/v1/namespaces/default/widgets"
  using watch = await http.watch(`${widgets}?watch=true&fieldSelector=spec.color%3Daa`)
  for (const [name, color] of [
    ["red", "a"],
    ["blue", "aa"],
  ]) {
    await http.post(widgets, {
      apiVersion: "example.com/v1",
      kind: "Widget",
      metadata: { name },
      spec: { color },
    })
  }
  const [frame] = await watch.take(1)
  expect(frame?.object).toMatchObject({
    apiVersion: "example.com/v1",
    kind: "Widget",
    metadata: { name: "blue" },
    spec: { color: "aa", size: 3 },
  })
})

test("one object can be watched by its name in the path, and as a table", async () => {
  await create("single")
  const accept = "application/json;as=Table;v=v1;g=meta.k8s.io"
  using watch = await http.watch(`/api/v1/watch/namespaces/default/configmaps/single`, { accept })
  await create("other")
  await label("single", { a: "b" })
  const frames = await watch.take(2)
  expect(frames.map(({ type, object }) => [type, object["kind"]])).toEqual([
    ["ADDED", "Table"],
    ["MODIFIED", "Table"],
  ])
  expect(frames[0]?.object["columnDefinitions"]).toMatchObject([
    { name: "Name" },
    { name: "Data" },
    { name: "Age" },
  ])
  expect(frames[0]?.object["rows"]).toMatchObject([{ cells: ["single", 0, expect.any(String)] }])
  await Promise.all([remove("single"), remove("other")])
})

test("a watch ends when its time is up, and bookmarks come every minute", async () => {
  const clock = new FakeClock()
  await using timed = await TestServer.start({ clock })
  using other = await HttpClient.connect(timed)
  const { json } = await other.get(path)
  const from = (json["metadata"] as { resourceVersion: string }).resourceVersion
  const query = `watch=true&resourceVersion=${from}&allowWatchBookmarks=true&timeoutSeconds=90`
  using watch = await other.watch(`${path}?${query}`)
  clock.advance(61_000)
  expect(await watch.take(1)).toMatchObject([{ type: "BOOKMARK", object: { kind: "ConfigMap" } }])
  clock.advance(30_000)
  expect(await watch.next()).toBeUndefined()
})

test("a client that does not read is cut off, and others are told everything", async () => {
  const { certificatePem, privateKeyPem } = await server.clientCertificate()
  const session = connect(await server.url(), {
    ca: server.caPem,
    cert: certificatePem,
    key: privateKeyPem,
  })
  const target = `${path}?watch=true&resourceVersion=${await revision()}`
  const stuck = session.request({ ":path": target })
  const [headers] = (await once(stuck, "response")) as [{ ":status": number }]
  expect(headers[":status"]).toBe(200)
  stuck.on("error", () => {})
  const cut = new Promise((resolve) => stuck.on("close", resolve))

  using reader = await http.watch(target)
  const value = "x".repeat(512 * 1024)
  const count = 48
  const metadata = { name: "big", namespace: "default" }
  await client.create(ConfigMapKind, { metadata, data: { value } })
  expect(told(await reader.take(1))).toEqual(["ADDED big"])
  for (let index = 1; index < count; index += 1) {
    await client.update(ConfigMapKind, { metadata, data: { value: `${value}${index}` } })
    expect(told(await reader.take(1))).toEqual(["MODIFIED big"])
  }
  await cut
  expect(stuck.rstCode).not.toBe(0)
  session.destroy()
  await remove("big")
})

test("every watcher sees the same changes in the same order", async () => {
  const query = `${path}?watch=true&resourceVersion=${await revision()}`
  const watches = await Promise.all(Array.from({ length: 8 }, () => http.watch(query)))
  const names = Array.from({ length: 40 }, (_, index) => `order-${index}`)
  await Promise.all(names.map((name) => create(name)))
  const orders = await Promise.all(
    watches.map(async (watch) => {
      const frames = await watch.take(names.length)
      return frames.map(({ object }) => object.metadata.resourceVersion)
    }),
  )
  const [first] = orders
  expect(first).toEqual(first?.toSorted((left, right) => Number(left) - Number(right)))
  for (const order of orders) expect(order).toEqual(first)
  for (const watch of watches) watch.close()
  await Promise.all(names.map((name) => remove(name)))
})

test("watchers that come in the middle of a burst are told each later change once", async () => {
  const burst = Array.from({ length: 60 }, (_item, index) => create(`burst-${index}`))
  const starts = await Promise.all([burst[0], burst[7], burst[30], burst[55]])
  const all = (await Promise.all(burst)).map(Number).sort((left, right) => left - right)
  for (const start of starts) {
    const later = Array.from({ length: 10 }, (_item, index) => create(`after-${start}-${index}`))
    using watch = await http.watch(`${path}?watch=true&resourceVersion=${start}`)
    const expected = all.filter((revision) => revision > Number(start))
    const created = (await Promise.all(later)).map(Number)
    const frames = await watch.take(expected.length + created.length)
    const seen = frames.map(({ object }) => Number(object.metadata.resourceVersion))
    all.push(...created.sort((left, right) => left - right))
    expect(seen).toEqual(all.filter((revision) => revision > Number(start)))
  }
  const { json } = await http.get(path)
  const items = json["items"] as readonly { readonly metadata: { readonly name: string } }[]
  for (const { metadata } of items) await remove(metadata.name)
})

test("watches of a kind end when its definition changes or goes", async () => {
  const definition = widgetDefinition({ names: { plural: "gizmos", kind: "Gizmo" } })
  const metadata = { name: "gizmos.example.com" }
  await client.create(CustomResourceDefinitionKind, { ...definition, metadata })
  const gizmos = "/apis/example.com/v1/gizmos?watch=true"
  using first = await http.watch(gizmos)
  const body = { spec: { names: { shortNames: ["gz"] } } }
  await client.patch(CustomResourceDefinitionKind, metadata, { type: "merge", body })
  expect(await first.next()).toBeUndefined()
  using second = await http.watch(gizmos)
  const annotated = { metadata: { annotations: { a: "b" } } }
  await client.patch(CustomResourceDefinitionKind, metadata, { type: "merge", body: annotated })
  const gizmo = { apiVersion: "example.com/v1", kind: "Gizmo", metadata: { name: "g" } }
  await http.post("/apis/example.com/v1/namespaces/default/gizmos", gizmo)
  expect(told(await second.take(1))).toEqual(["ADDED g"])
})
