import { afterAll, beforeAll, describe, expect, test } from "vitest"
import {
  type ConfigMap,
  ConfigMapKind,
  CustomResourceDefinitionKind,
  type Deployment,
  DeploymentKind,
  LeaseKind,
  NodeKind,
  SecretKind,
} from "#apis"
import { Client } from "#client"
import type { ApiObject, KindRef } from "#meta"
import {
  TestServer,
  type Widget,
  widgetDefinition,
  WidgetKind,
  widgetVersion,
} from "../testing/index.ts"

const namespace = "default"

/** The same kind without a status subresource. */
const GadgetKind: KindRef<Widget> = { ...WidgetKind, kind: "Gadget", plural: "gadgets" }

let server: TestServer
let client: Client

beforeAll(async () => {
  server = await TestServer.start()
  client = new Client(server.transport(), { fieldManager: "test" })
  await client.create(CustomResourceDefinitionKind, widgetDefinition())
  const { subresources: _none, ...version } = widgetVersion
  await client.create(CustomResourceDefinitionKind, {
    ...widgetDefinition({ names: { plural: "gadgets", kind: "Gadget" }, versions: [version] }),
    metadata: { name: "gadgets.example.com" },
  })
})

afterAll(async () => {
  await server[Symbol.asyncDispose]()
})

function metadata(name: string): { name: string; namespace: string } {
  return { name, namespace }
}

async function merge<T extends ApiObject>(
  kind: KindRef<T>,
  name: string,
  body: object,
): Promise<T> {
  return await client.patch(kind, metadata(name), { type: "merge", body })
}

describe("create", () => {
  test("the server says when, who and which version; what the client says of that is dropped", async () => {
    const made = await client.create(ConfigMapKind, {
      metadata: {
        ...metadata("made"),
        uid: "mine",
        creationTimestamp: "2001-01-01T00:00:00Z",
        deletionTimestamp: "2001-01-01T00:00:00Z",
        generation: 7,
      },
    })
    const { uid, creationTimestamp, deletionTimestamp, generation } = made.metadata
    expect(uid).toMatch(/^[0-9a-f-]{36}$/)
    expect(creationTimestamp).not.toBe("2001-01-01T00:00:00Z")
    expect([deletionTimestamp, generation]).toEqual([undefined, undefined])
  })

  test("a generated name has five more characters, and never collides", async () => {
    const names = await Promise.all(
      Array.from({ length: 50 }, async () => {
        const generateName = `${"long".repeat(20)}-`
        const made = await client.create(ConfigMapKind, { metadata: { generateName, namespace } })
        return made.metadata.name
      }),
    )
    expect(new Set(names).size).toBe(50)
    for (const name of names) {
      expect(name).toMatch(/^(long){14}lo[bcdfghjklmnpqrstvwxz2456789]{5}$/)
    }
  })

  test("a status given at birth counts only for kinds without a status of their own", async () => {
    const status = { ready: true }
    const apart = await client.create(WidgetKind, { metadata: metadata("born"), status })
    expect([apart.status, apart.spec]).toEqual([undefined, undefined])
    const whole = await client.create(GadgetKind, { metadata: metadata("born"), status })
    expect(whole.status).toEqual(status)
  })

  test("defaults are filled in, and secrets keep no clear text", async () => {
    const made = await client.create(WidgetKind, { metadata: metadata("defaults"), spec: {} })
    expect(made.spec).toEqual({ size: 3 })
    const secret = await client.create(SecretKind, {
      metadata: metadata("clear"),
      stringData: { a: "b" },
      data: { a: "eA==", c: "ZA==" },
    })
    expect(secret).toMatchObject({ type: "Opaque", data: { a: "Yg==", c: "ZA==" } })
    expect(secret.stringData).toBeUndefined()
  })
})

describe("update", () => {
  test("what changes nothing writes nothing", async () => {
    const made = await client.create(WidgetKind, { metadata: metadata("same"), spec: { size: 2 } })
    const { resourceVersion } = made.metadata
    const results = [
      await client.update(WidgetKind, made),
      await merge(WidgetKind, "same", { spec: { size: 2 } }),
      await client.patch(WidgetKind, made.metadata, { type: "json", body: [] }),
      await client.patchStatus(WidgetKind, made.metadata, { type: "merge", body: { spec: {} } }),
    ]
    expect(results.map((result) => result.metadata.resourceVersion)).toEqual(
      results.map(() => resourceVersion),
    )
    const apply = { metadata: metadata("same"), spec: { size: 2 } }
    const applied = await client.apply(WidgetKind, apply)
    expect(applied.metadata.resourceVersion).not.toBe(resourceVersion)
    const again = await client.apply(WidgetKind, apply)
    expect(again.metadata).toEqual(applied.metadata)
  })

  test("what the server decides cannot be changed", async () => {
    const made = await client.create(ConfigMapKind, { metadata: metadata("fixed") })
    const changed = await client.update(ConfigMapKind, {
      ...made,
      metadata: {
        ...made.metadata,
        creationTimestamp: "2001-01-01T00:00:00Z",
        deletionTimestamp: "2001-01-01T00:00:00Z",
        generation: 9,
      },
    })
    expect(changed.metadata.resourceVersion).toBe(made.metadata.resourceVersion)
    expect(changed.metadata).toEqual(made.metadata)
  })

  test("a lease is made by its first update", async () => {
    const spec = { holderIdentity: "me" }
    const made = await client.update(LeaseKind, { metadata: metadata("lease"), spec })
    expect(made.spec).toEqual(spec)
    const nameless = client.update(ConfigMapKind, { metadata: metadata("none") })
    await expect(nameless).rejects.toMatchObject({ code: 404 })
  })

  test("writers who race on one object lose nothing when they name no version", async () => {
    await client.create(ConfigMapKind, { metadata: metadata("race"), data: {} })
    const keys = Array.from({ length: 30 }, (_, index) => `k${index}`)
    await Promise.all(keys.map((key) => merge(ConfigMapKind, "race", { data: { [key]: "v" } })))
    const { data = {} } = await client.get<ConfigMap>(ConfigMapKind, metadata("race"))
    expect(Object.keys(data).toSorted()).toEqual(keys.toSorted())
  })

  test("of racing writers who name a version, one wins", async () => {
    const made = await client.create(ConfigMapKind, { metadata: metadata("cas") })
    const results = await Promise.allSettled(
      Array.from({ length: 10 }, (_, index) =>
        client.update(ConfigMapKind, { ...made, data: { winner: String(index) } }),
      ),
    )
    expect(results.filter(({ status }) => status === "fulfilled").length).toBe(1)
    for (const result of results) {
      if (result.status === "rejected") expect(result.reason).toMatchObject({ code: 409 })
    }
  })
})

describe("generation", () => {
  const cases: readonly (readonly [string, object, number])[] = [
    ["labels", { metadata: { labels: { a: "b" } } }, 1],
    ["finalizers", { metadata: { finalizers: ["example.com/x"] } }, 1],
    ["spec", { spec: { size: 9 } }, 2],
    ["status", { status: { ready: true } }, 1],
  ]
  test.for(cases)(
    "of a kind with a status, after a change of %s",
    async ([what, body, expected]) => {
      const name = `gen-${what}`
      await client.create(WidgetKind, { metadata: metadata(name), spec: { size: 1 } })
      expect((await merge(WidgetKind, name, body)).metadata.generation).toBe(expected)
    },
  )

  test("of a kind without one, the status counts like the rest", async () => {
    await client.create(GadgetKind, { metadata: metadata("gen") })
    expect((await merge(GadgetKind, "gen", { status: { ready: true } })).metadata.generation).toBe(
      2,
    )
  })

  test("of Kubernetes' own kinds, only where they have one", async () => {
    const spec = {
      selector: { matchLabels: { a: "b" } },
      template: {
        metadata: { labels: { a: "b" } },
        spec: { containers: [{ name: "c", image: "i" }] },
      },
    }
    await client.create<Deployment>(DeploymentKind, { metadata: metadata("gen"), spec })
    const scaled = await merge(DeploymentKind, "gen", { spec: { replicas: 3 } })
    expect(scaled.metadata.generation).toBe(2)
    const config = await client.create(ConfigMapKind, { metadata: metadata("gen") })
    expect(config.metadata.generation).toBeUndefined()
    const node = await client.create(NodeKind, { metadata: { name: "gen" } })
    expect(node.metadata.generation).toBeUndefined()
  })

  test("moves once more when the object is deleted", async () => {
    const finalizers = ["example.com/x"]
    await client.create(WidgetKind, { metadata: { ...metadata("gen-deleted"), finalizers } })
    await client.delete(WidgetKind, metadata("gen-deleted"))
    const { generation } = (await client.get(WidgetKind, metadata("gen-deleted"))).metadata
    expect(generation).toBe(2)
  })
})

describe("status", () => {
  test("its writes change nothing else, and other writes do not change it", async () => {
    const made = await client.create(WidgetKind, { metadata: metadata("apart"), spec: { size: 1 } })
    const told = await client.updateStatus(WidgetKind, {
      ...made,
      metadata: { ...made.metadata, labels: { sneaked: "in" } },
      spec: { size: 9 },
      status: { ready: true },
    })
    expect([told.spec, told.status, told.metadata.labels]).toEqual([
      { size: 1 },
      { ready: true },
      undefined,
    ])
    const { status: _gone, ...rest } = told
    const written = await client.update(WidgetKind, { ...rest, spec: { size: 2 } })
    expect([written.spec, written.status]).toEqual([{ size: 2 }, { ready: true }])
  })

  test("is validated with the rest", async () => {
    await client.create(WidgetKind, { metadata: metadata("invalid") })
    const body = { status: { ready: "yes" } }
    const told = client.patchStatus(WidgetKind, metadata("invalid"), { type: "merge", body })
    await expect(told).rejects.toMatchObject({
      code: 422,
      details: { causes: [{ field: "status.ready" }] },
    })
  })
})

describe("apply", () => {
  test("managers who make an object at the same time each get their part in", async () => {
    const names = ["a", "b", "c", "d"]
    const applied = names.map((name) =>
      new Client(server.transport(), { fieldManager: name }).apply(ConfigMapKind, {
        metadata: metadata("shared"),
        data: { [name]: "1" },
      }),
    )
    await Promise.all(applied)
    const { data } = await client.get(ConfigMapKind, metadata("shared"))
    expect(data).toEqual({ a: "1", b: "1", c: "1", d: "1" })
  })

  test("a manager is not told of the end of an object that it applies anew", async () => {
    const held = { ...metadata("vanishing"), finalizers: ["example.com/held"] }
    await client.create(ConfigMapKind, { metadata: held })
    await client.delete(ConfigMapKind, held)
    const body = { metadata: { finalizers: null } }
    const [, made] = await Promise.all([
      client.patch(ConfigMapKind, held, { type: "merge", body }),
      client.apply(ConfigMapKind, { metadata: metadata("vanishing"), data: { a: "1" } }),
    ])
    expect(made.data).toEqual({ a: "1" })
  })
})

describe("delete", () => {
  test("finalizers keep an object, no new ones are let in, and the last one takes it along", async () => {
    const finalizers = ["example.com/a", "example.com/b"]
    await client.create(ConfigMapKind, { metadata: { ...metadata("held"), finalizers } })
    await client.delete(ConfigMapKind, metadata("held"))
    const held = await client.get(ConfigMapKind, metadata("held"))
    expect(held.metadata.deletionTimestamp).toBeDefined()
    await client.delete(ConfigMapKind, metadata("held"))
    const more = merge(ConfigMapKind, "held", {
      metadata: { finalizers: [...finalizers, "example.com/c"] },
    })
    await expect(more).rejects.toMatchObject({ code: 422 })
    await merge(ConfigMapKind, "held", {
      metadata: { finalizers: ["example.com/b"] },
      data: { a: "b" },
    })
    const last = await merge(ConfigMapKind, "held", { metadata: { finalizers: null } })
    expect([last.data, last.metadata.finalizers]).toEqual([{ a: "b" }, undefined])
    expect(await client.find(ConfigMapKind, metadata("held"))).toBeUndefined()
  })

  test("preconditions hold for the object as it is", async () => {
    const made = await client.create(ConfigMapKind, { metadata: metadata("exact") })
    const { uid, resourceVersion } = made.metadata
    await merge(ConfigMapKind, "exact", { data: { a: "b" } })
    const stale = client.delete(ConfigMapKind, made.metadata, {
      preconditions: { uid, resourceVersion },
    })
    await expect(stale).rejects.toMatchObject({ code: 409 })
    await client.delete(ConfigMapKind, made.metadata, { preconditions: { uid } })
    await client.create(ConfigMapKind, { metadata: metadata("exact") })
    const other = client.delete(ConfigMapKind, made.metadata, { preconditions: { uid } })
    await expect(other).rejects.toMatchObject({ code: 409 })
  })

  test("an object that nobody can name needs a namespace", async () => {
    const homeless = client.create(ConfigMapKind, { metadata: { name: "homeless" } })
    await expect(homeless).rejects.toMatchObject({ code: 400 })
  })
})
