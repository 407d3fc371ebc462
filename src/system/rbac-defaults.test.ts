import { expect, test } from "vitest"
import { ClusterRoleBindingKind, ClusterRoleKind, type PolicyRule } from "#apis"
import { SystemServer } from "./testing/system-server.ts"

const label = "rbac.authorization.k8s.io/aggregate-to-view"
const rule: PolicyRule = { apiGroups: ["example.com"], resources: ["widgets"], verbs: ["get"] }

test("view, edit and admin are made of their parts, each containing the one before", async () => {
  await using server = await SystemServer.start()
  const rules = async (name: string): Promise<readonly PolicyRule[]> =>
    (await server.settledObject(ClusterRoleKind, { name }))?.rules ?? []
  const [view, edit, admin] = await Promise.all(["view", "edit", "admin"].map(rules))
  expect(view?.length).toBeGreaterThan(0)
  expect(edit).toEqual(expect.arrayContaining([...(view ?? [])]))
  expect(admin).toEqual(expect.arrayContaining([...(edit ?? [])]))
})

test("who may edit a namespace cannot turn a service's traffic elsewhere", async () => {
  await using server = await SystemServer.start()
  const admin = await server.settledObject(ClusterRoleKind, { name: "admin" })
  const verbs = (admin?.rules ?? [])
    .filter(({ resources }) => resources?.includes("endpoints"))
    .flatMap((granted) => granted.verbs)
  expect(verbs).toEqual(["get", "list", "watch"])
})

test("a labelled role joins an aggregate, and leaves it when it goes", async () => {
  await using server = await SystemServer.start()
  const role = { metadata: { name: "widgets", labels: { [label]: "true" } }, rules: [rule] }
  await server.client.create(ClusterRoleKind, role)
  const admin = async (): Promise<unknown> =>
    (await server.settledObject(ClusterRoleKind, { name: "admin" }))?.rules
  expect(await admin()).toContainEqual(rule)
  await server.client.delete(ClusterRoleKind, role.metadata)
  expect(await admin()).not.toContainEqual(rule)
})

test("a start repairs the defaults and keeps what users added or claimed", async () => {
  const first = await SystemServer.start()
  const { client } = first
  const body = { rules: [rule] }
  await client.patch(ClusterRoleKind, { name: "system:discovery" }, { type: "merge", body })
  await client.patch(
    ClusterRoleKind,
    { name: "system:basic-user" },
    {
      type: "merge",
      body: {
        metadata: { annotations: { "rbac.authorization.kubernetes.io/autoupdate": "false" } },
        ...body,
      },
    },
  )
  await client.delete(ClusterRoleBindingKind, { name: "cluster-admin" })
  await first.system.stop()
  await first.test.server.stop()

  await using second = await SystemServer.start({ store: first.test.store })
  const discovery = await second.client.get(ClusterRoleKind, { name: "system:discovery" })
  expect(discovery.rules).toContainEqual(rule)
  expect(discovery.rules?.length).toBe(2)
  const basic = await second.client.get(ClusterRoleKind, { name: "system:basic-user" })
  expect(basic.rules).toEqual([rule])
  expect(await second.client.find(ClusterRoleBindingKind, { name: "cluster-admin" })).toBeDefined()
})
