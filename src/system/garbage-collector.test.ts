import { expect, test } from "vitest"
import { ClusterRoleKind, type ConfigMap, ConfigMapKind, EventKind, NamespaceKind } from "#apis"
import type { ApiObject, OwnerReference } from "#meta"
import { SystemServer } from "./testing/system-server.ts"

const namespace = "default"

interface Owner {
  readonly object: ApiObject
  readonly blocks?: boolean
}

function refTo({ object, blocks }: Owner): OwnerReference {
  const { name, uid = "" } = object.metadata
  const { apiVersion, kind } = object
  return { apiVersion, kind, name, uid, ...(blocks ? { blockOwnerDeletion: true } : {}) }
}

async function create(
  { client }: SystemServer,
  name: string,
  owners: readonly Owner[] = [],
): Promise<ConfigMap> {
  const ownerReferences = owners.map((owner) => refTo(owner))
  return await client.create(ConfigMapKind, { metadata: { name, namespace, ownerReferences } })
}

async function names(server: SystemServer): Promise<readonly string[]> {
  await server.system.settled()
  const { items } = await server.client.list(ConfigMapKind, { namespace })
  return items.map(({ metadata }) => metadata.name).filter((name) => name !== "kube-root-ca.crt")
}

test("dependents go after their last owner, and theirs after them", async () => {
  await using server = await SystemServer.start()
  const owner = await create(server, "owner")
  const child = await create(server, "child", [{ object: owner }])
  await create(server, "grandchild", [{ object: child }])
  await create(server, "stranger")
  await server.client.delete(ConfigMapKind, owner.metadata, { propagationPolicy: "Background" })
  expect(await names(server)).toEqual(["stranger"])
})

test("a dependent with another living owner loses only the reference to the dead one", async () => {
  await using server = await SystemServer.start()
  const [first, second] = [await create(server, "first"), await create(server, "second")]
  await create(server, "child", [{ object: first }, { object: second }])
  await server.client.delete(ConfigMapKind, first.metadata)
  const child = await server.settledObject(ConfigMapKind, { name: "child", namespace })
  expect(child?.metadata.ownerReferences).toEqual([refTo({ object: second })])
})

test("an owner whose UID is another's counts as absent", async () => {
  await using server = await SystemServer.start()
  const owner = await create(server, "owner")
  const impostor = { ...owner, metadata: { ...owner.metadata, uid: "no-such-uid" } }
  await create(server, "child", [{ object: impostor }])
  expect(await names(server)).toEqual(["owner"])
})

test("an owner of a kind that is not served is no reason to delete", async () => {
  await using server = await SystemServer.start()
  const owner = {
    apiVersion: "example.com/v1",
    kind: "Widget",
    metadata: { name: "w", uid: "some-uid" },
  }
  await create(server, "child", [{ object: owner }])
  expect(await names(server)).toEqual(["child"])
})

test("a foreground deletion waits for dependents that block it", async () => {
  await using server = await SystemServer.start()
  const owner = await create(server, "owner")
  await create(server, "child", [{ object: owner, blocks: true }])
  const child = { name: "child", namespace }
  const hold = (finalizers: readonly string[]): Promise<unknown> =>
    server.client.patch(ConfigMapKind, child, { type: "merge", body: { metadata: { finalizers } } })
  await hold(["example.com/hold"])
  await server.client.delete(ConfigMapKind, owner.metadata, { propagationPolicy: "Foreground" })
  expect(await names(server)).toEqual(["child", "owner"])
  expect((await server.client.get(ConfigMapKind, child)).metadata.deletionTimestamp).toBeDefined()
  await hold([])
  expect(await names(server)).toEqual([])
})

test("a foreground deletion does not wait for dependents that do not block it", async () => {
  await using server = await SystemServer.start()
  const owner = await create(server, "owner")
  await server.client.create(ConfigMapKind, {
    metadata: {
      name: "child",
      namespace,
      finalizers: ["example.com/hold"],
      ownerReferences: [refTo({ object: owner })],
    },
  })
  await server.client.delete(ConfigMapKind, owner.metadata, { propagationPolicy: "Foreground" })
  expect(await names(server)).toEqual(["child"])
})

test("an orphaning deletion leaves the dependents, without their reference", async () => {
  await using server = await SystemServer.start()
  const owner = await create(server, "owner")
  await create(server, "child", [{ object: owner }])
  await server.client.delete(ConfigMapKind, owner.metadata, { propagationPolicy: "Orphan" })
  expect(await names(server)).toEqual(["child"])
  const child = await server.client.get(ConfigMapKind, { name: "child", namespace })
  expect(child.metadata.ownerReferences).toBeUndefined()
})

test("dependents keep their reference while others have a finalizer on the orphaning owner", async () => {
  await using server = await SystemServer.start()
  const owner = await create(server, "owner")
  const finalizers = (names: readonly string[]) =>
    server.client.patch(ConfigMapKind, owner.metadata, {
      type: "merge",
      body: { metadata: { finalizers: names } },
    })
  await finalizers(["example.com/hold"])
  await create(server, "child", [{ object: owner }])
  await server.client.delete(ConfigMapKind, owner.metadata, { propagationPolicy: "Orphan" })
  await server.system.settled()

  const child = await server.client.get(ConfigMapKind, { name: "child", namespace })
  expect(child.metadata.ownerReferences).toHaveLength(1)

  await finalizers(["orphan"])
  expect(await names(server)).toEqual(["child"])
})

test.for(["Background", "Foreground"] as const)(
  "a circle of owners that block each other does not stop a %s deletion",
  async (propagationPolicy) => {
    await using server = await SystemServer.start()
    const third = await create(server, "third")
    const first = await create(server, "first", [{ object: third, blocks: true }])
    const second = await create(server, "second", [{ object: first, blocks: true }])
    await server.client.patch(ConfigMapKind, third.metadata, {
      type: "merge",
      body: { metadata: { ownerReferences: [refTo({ object: second, blocks: true })] } },
    })
    expect(await names(server)).toEqual(["first", "second", "third"])
    await server.client.delete(ConfigMapKind, first.metadata, { propagationPolicy })
    expect(await names(server)).toEqual([])
  },
)

test("a cluster-scoped object with a namespaced owner stays, and an Event says why", async () => {
  await using server = await SystemServer.start()
  const owner = await create(server, "owner")
  const role = await server.client.create(ClusterRoleKind, {
    metadata: { name: "odd", ownerReferences: [refTo({ object: owner })] },
    rules: [],
  })
  await server.client.delete(ConfigMapKind, owner.metadata)
  expect(await server.settledObject(ClusterRoleKind, role.metadata)).toBeDefined()
  const { items } = await server.client.list(EventKind, { namespace })
  expect(items.map(({ reason }) => reason)).toContain("OwnerRefInvalidNamespace")
})

test("an owner in another namespace is absent, whatever its UID", async () => {
  await using server = await SystemServer.start()
  await server.client.create(NamespaceKind, { metadata: { name: "other" } })
  const owner = await server.client.create(ConfigMapKind, {
    metadata: { name: "owner", namespace: "other" },
  })
  await create(server, "child", [{ object: owner }])
  expect(await names(server)).toEqual([])
})

test("what lost its owner while nothing ran is collected after a start", async () => {
  const first = await SystemServer.start()
  const owner = await create(first, "owner")
  await create(first, "child", [{ object: owner }])
  await first.system.stop()
  await first.client.delete(ConfigMapKind, owner.metadata)
  await first.test.server.stop()
  await using second = await SystemServer.start({ store: first.test.store })
  expect(await names(second)).toEqual([])
})

test("two thousand dependents of one owner are collected", async () => {
  await using server = await SystemServer.start()
  const owner = await create(server, "owner")
  await Promise.all(
    Array.from({ length: 2_000 }, (_, index) =>
      create(server, `child-${index}`, [{ object: owner }]),
    ),
  )
  await server.client.delete(ConfigMapKind, owner.metadata)
  expect(await names(server)).toEqual([])
})
