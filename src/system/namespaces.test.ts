import { expect, test } from "vitest"
import { ConfigMapKind, NamespaceKind, SecretKind, ServiceAccountKind } from "#apis"
import { findCondition, hasReason } from "#meta"
import { SystemServer } from "./testing/system-server.ts"

const metadata = { name: "team" }

test("a new namespace gets its service account and the root CA, and keeps them", async () => {
  await using server = await SystemServer.start()
  const { client, test, system } = server
  await client.create(NamespaceKind, { metadata })
  await system.settled()
  const account = { namespace: "team", name: "default" }
  const rootCa = { namespace: "team", name: "kube-root-ca.crt" }
  expect(await client.find(ServiceAccountKind, account)).toBeDefined()
  expect((await client.find(ConfigMapKind, rootCa))?.data).toEqual({ "ca.crt": test.caPem })

  await client.delete(ServiceAccountKind, account)
  await client.patch(ConfigMapKind, rootCa, { type: "merge", body: { data: { "ca.crt": "x" } } })
  expect(await server.settledObject(ServiceAccountKind, account)).toBeDefined()
  expect((await server.settledObject(ConfigMapKind, rootCa))?.data).toEqual({
    "ca.crt": test.caPem,
  })
  await client.delete(ConfigMapKind, rootCa)
  expect(await server.settledObject(ConfigMapKind, rootCa)).toBeDefined()
})

test("deleting a namespace deletes what is in it, then the namespace", async () => {
  await using server = await SystemServer.start()
  const { client } = server
  await client.create(NamespaceKind, { metadata })
  for (const name of ["one", "two"]) {
    await client.create(ConfigMapKind, { metadata: { name, namespace: "team" }, data: { a: "1" } })
    await client.create(SecretKind, { metadata: { name, namespace: "team" } })
  }
  await client.delete(NamespaceKind, metadata)
  expect(await server.settledObject(NamespaceKind, metadata)).toBeUndefined()
  expect((await client.list(ConfigMapKind, { namespace: "team" })).items).toEqual([])
  expect((await client.list(SecretKind, { namespace: "team" })).items).toEqual([])
})

test("a finalizer keeps its namespace, which says so and refuses new objects", async () => {
  await using server = await SystemServer.start()
  const { client } = server
  await client.create(NamespaceKind, { metadata })
  const held = { name: "held", namespace: "team" }
  await client.create(ConfigMapKind, {
    metadata: { ...held, finalizers: ["example.com/hold"] },
  })
  await client.delete(NamespaceKind, metadata)

  const namespace = await server.settledObject(NamespaceKind, metadata)
  expect(namespace?.status?.phase).toBe("Terminating")
  expect(findCondition(namespace ?? {}, "NamespaceContentRemaining")).toMatchObject({
    status: "True",
    reason: "SomeResourcesRemain",
    message: "Some resources are remaining: configmaps. has 1 resource instances",
  })
  expect(findCondition(namespace ?? {}, "NamespaceFinalizersRemaining")?.message).toBe(
    "Some content in the namespace has finalizers remaining: example.com/hold in 1 resource instances",
  )
  const refused = await client
    .create(ConfigMapKind, { metadata: { name: "late", namespace: "team" } })
    .catch((error: unknown) => error)
  expect(hasReason(refused, "Forbidden")).toBe(true)

  await client.patch(ConfigMapKind, held, { type: "merge", body: { metadata: { finalizers: [] } } })
  expect(await server.settledObject(NamespaceKind, metadata)).toBeUndefined()
})

test("Secrets of a namespace stay until nothing is left that may need them", async () => {
  await using server = await SystemServer.start()
  const { client } = server
  await client.create(NamespaceKind, { metadata })
  const held = { name: "held", namespace: "team" }
  const finalizers = ["example.com/hold"]
  await client.create(ConfigMapKind, { metadata: { ...held, finalizers } })
  await client.create(SecretKind, { metadata: { name: "key", namespace: "team" } })
  await client.delete(NamespaceKind, metadata)
  await server.system.settled()

  const secret = await client.find(SecretKind, { name: "key", namespace: "team" })
  expect(secret?.metadata.deletionTimestamp).toBeUndefined()
  expect(secret).toBeDefined()

  await client.patch(ConfigMapKind, held, {
    type: "merge",
    body: { metadata: { finalizers: null } },
  })
  expect(await server.settledObject(NamespaceKind, metadata)).toBeUndefined()
})

test("a namespace that was being deleted when the server stopped is finished after a start", async () => {
  const first = await SystemServer.start()
  await first.client.create(NamespaceKind, { metadata })
  await first.client.create(ConfigMapKind, { metadata: { name: "one", namespace: "team" } })
  await first.system.stop()
  await first.client.delete(NamespaceKind, metadata)
  await first.test.server.stop()

  await using second = await SystemServer.start({ store: first.test.store })
  expect(await second.settledObject(NamespaceKind, metadata)).toBeUndefined()
})

test("racing creates leave nothing behind in a namespace that is deleted", async () => {
  await using server = await SystemServer.start()
  const { client } = server
  await client.create(NamespaceKind, { metadata })
  const creates = Array.from({ length: 200 }, (_, index) =>
    client.create(ConfigMapKind, { metadata: { name: `c${index}`, namespace: "team" } }),
  )
  const deletion = client.delete(NamespaceKind, metadata)
  await Promise.allSettled([...creates, deletion])
  expect(await server.settledObject(NamespaceKind, metadata)).toBeUndefined()
  expect((await client.list(ConfigMapKind, { namespace: "team" })).items).toEqual([])
})
