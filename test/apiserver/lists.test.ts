import { gunzipSync } from "node:zlib"
import { afterAll, beforeAll, expect, test } from "vitest"
import { ConfigMapKind } from "#apis"
import { TestServer } from "#apiserver/testing"
import type { JsonObject } from "#base"
import { Client } from "#client"
import { openMemoryStore } from "#store"
import { FakeClock } from "#base/testing"
import { type HttpAnswer, HttpClient } from "./http-client.ts"

const path = "/api/v1/namespaces/default/configmaps"
const clock = new FakeClock()

let server: TestServer
let http: HttpClient
let client: Client

beforeAll(async () => {
  server = await TestServer.start({ clock, store: openMemoryStore({ clock }) })
  http = await HttpClient.connect(server)
  client = new Client(server.transport(), { fieldManager: "test" })
  await Promise.all(Array.from({ length: 25 }, (_, index) => create(nameOf(index))))
})

afterAll(async () => {
  http[Symbol.dispose]()
  await server[Symbol.asyncDispose]()
})

function nameOf(index: number): string {
  return `c-${String(index).padStart(3, "0")}`
}

async function create(name: string): Promise<void> {
  const parity = Number(name.slice(2)) % 2 === 0 ? "even" : "odd"
  const metadata = { name, namespace: "default", labels: { parity } }
  await client.create(ConfigMapKind, { metadata, data: { text: "lorem ipsum ".repeat(20) } })
}

function metadataOf({ json }: HttpAnswer): JsonObject {
  return json["metadata"] as JsonObject
}

function namesOf({ json }: HttpAnswer): readonly string[] {
  return (json["items"] as { metadata: { name: string } }[]).map(({ metadata }) => metadata.name)
}

test("pages show the state of their first page, whatever is written meanwhile", async () => {
  const first = await http.get(`${path}?limit=10`)
  expect(metadataOf(first)["remainingItemCount"]).toBe(15)
  const before = await http.get(path)
  await client.delete(ConfigMapKind, { name: nameOf(15), namespace: "default" })
  await create("c-0105")
  await client.patch(
    ConfigMapKind,
    { name: nameOf(20), namespace: "default" },
    {
      type: "merge",
      body: { data: { changed: "yes" } },
    },
  )
  const names = [...namesOf(first)]
  let token = metadataOf(first)["continue"]
  const revisions = new Set([metadataOf(first)["resourceVersion"]])
  let remaining: unknown
  while (token) {
    const page = await http.get(`${path}?limit=10&continue=${String(token)}`)
    names.push(...namesOf(page))
    revisions.add(metadataOf(page)["resourceVersion"])
    remaining = metadataOf(page)["remainingItemCount"] ?? remaining
    token = metadataOf(page)["continue"]
    expect(page.text).not.toContain('"changed"')
  }
  expect(names).toEqual(namesOf(before))
  expect(revisions.size).toBe(1)
  expect(remaining).toBe(5)
  await client.delete(ConfigMapKind, { name: "c-0105", namespace: "default" })
  await create(nameOf(15))
})

test("a page of a selection is full, and does not guess how many remain", async () => {
  const first = await http.get(`${path}?limit=5&labelSelector=parity%3Deven`)
  expect(namesOf(first)).toEqual([0, 2, 4, 6, 8].map(nameOf))
  expect(metadataOf(first)["remainingItemCount"]).toBeUndefined()
  const token = String(metadataOf(first)["continue"])
  await create("c-900")
  const rest = await http.get(`${path}?limit=50&labelSelector=parity%3Deven&continue=${token}`)
  expect(namesOf(rest)).toEqual([10, 12, 14, 16, 18, 20, 22, 24].map(nameOf))
  expect(metadataOf(rest)["continue"]).toBeUndefined()
  await client.delete(ConfigMapKind, { name: "c-900", namespace: "default" })
})

test("Exact shows the past as it was; without it a revision is only a lower bound", async () => {
  const revision = metadataOf(await http.get(path))["resourceVersion"]
  await create("c-901")
  const exact = `${path}?resourceVersion=${String(revision)}&resourceVersionMatch=Exact`
  expect(namesOf(await http.get(exact))).not.toContain("c-901")
  const newer = await http.get(`${path}?resourceVersion=${String(revision)}`)
  expect(namesOf(newer)).toContain("c-901")
  await client.delete(ConfigMapKind, { name: "c-901", namespace: "default" })
})

test("a continue token that outlived history offers to go on with what is there now", async () => {
  const first = await http.get(`${path}?limit=10`)
  const token = String(metadataOf(first)["continue"])
  await create("c-902")
  await server.store.compact(await server.store.revision())
  const expired = await http.get(`${path}?limit=10&continue=${token}`)
  expect(expired.json).toMatchObject({ code: 410, reason: "Expired" })
  const next = String(metadataOf(expired)["continue"])
  const rest = await http.get(`${path}?limit=100&continue=${next}`)
  expect(namesOf(rest)).toContain("c-902")
  expect(namesOf(rest)[0]).toBe(nameOf(10))
  await client.delete(ConfigMapKind, { name: "c-902", namespace: "default" })
})

test("limit does not cut a list from the cache, and everything is listed across namespaces", async () => {
  const cached = await http.get(`${path}?limit=3&resourceVersion=0`)
  expect(namesOf(cached).length).toBe(25)
  const everywhere = await http.get("/api/v1/configmaps?limit=1")
  expect(everywhere.json["kind"]).toBe("ConfigMapList")
  expect(namesOf(everywhere).length).toBe(1)
})

test("one object can be selected by its name", async () => {
  const found = await http.get(`${path}?fieldSelector=metadata.name%3D${nameOf(3)}`)
  expect(namesOf(found)).toEqual([nameOf(3)])
  const others = await http.get(`${path}?fieldSelector=metadata.name!%3D${nameOf(3)}`)
  expect(namesOf(others)).not.toContain(nameOf(3))
  const none = await http.get(`${path}?fieldSelector=metadata.name%3Dzz`)
  expect(namesOf(none)).toEqual([])
})

test.for([
  ["application/json;as=Table;v=v1;g=meta.k8s.io", "Table", "rows"],
  [
    "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io",
    "PartialObjectMetadataList",
    "items",
  ],
] as const)("a list as %s", async ([accept, kind, member]) => {
  const { json } = await http.get(`${path}?limit=2`, { accept })
  expect(json["kind"]).toBe(kind)
  expect((json[member] as unknown[]).length).toBe(2)
  expect((json["metadata"] as JsonObject)["continue"]).toBeDefined()
  const text = JSON.stringify(json)
  expect(text).not.toContain("lorem")
})

test("big answers are compressed for those who can read them, small ones for nobody", async () => {
  const value = "0123456789".repeat(20_000)
  const metadata = { name: "big", namespace: "default" }
  await client.create(ConfigMapKind, { metadata, data: { value } })
  for (const target of [`${path}/big`, path]) {
    const plain = await http.get(target)
    expect(plain.headers["content-encoding"]).toBeUndefined()
    const answer = await http.open("GET", target, { headers: { "accept-encoding": "gzip" } })
    expect(answer.headers["content-encoding"]).toBe("gzip")
    const chunks: Buffer[] = []
    for await (const chunk of answer) chunks.push(chunk as Buffer)
    const packed = Buffer.concat(chunks)
    expect(packed.length).toBeLessThan(plain.text.length / 4)
    expect(gunzipSync(packed).toString("utf8")).toBe(plain.text)
  }
  const small = await http.get(`${path}/${nameOf(0)}`, { "accept-encoding": "gzip" })
  expect(small.headers["content-encoding"]).toBeUndefined()
  const refused = await http.get(`${path}/big`, { "accept-encoding": "gzip;q=0" })
  expect(refused.headers["content-encoding"]).toBeUndefined()
  await client.delete(ConfigMapKind, metadata)
})

test("deletecollection deletes what it selects, and answers what that was", async () => {
  const { json } = await http.send("DELETE", `${path}?labelSelector=parity%3Dodd`)
  expect(json["kind"]).toBe("ConfigMapList")
  expect((json["items"] as unknown[]).length).toBe(12)
  const left = await http.get(path)
  expect(namesOf(left).length).toBe(13)
  const dry = await http.send("DELETE", `${path}?dryRun=All`)
  expect(dry.code).toBe(200)
  expect(namesOf(await http.get(path)).length).toBe(13)
})
