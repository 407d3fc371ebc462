import { expect, test } from "vitest"
import { customKinds, CustomResourceDefinitionKind, MachineKind, NamespaceKind } from "#apis"
import { widgetDefinition, WidgetKind } from "#apiserver/testing"
import { findCondition, hasReason } from "#meta"
import { SystemServer } from "./testing/system-server.ts"

const name = "widgets.example.com"
const widget = { metadata: { name: "one", namespace: "default" } }

test("a definition becomes established and says which names and versions it has", async () => {
  await using server = await SystemServer.start()
  await server.client.create(CustomResourceDefinitionKind, widgetDefinition())
  const { status, spec } =
    (await server.settledObject(CustomResourceDefinitionKind, { name })) ?? {}
  expect(findCondition({ status }, "NamesAccepted")).toMatchObject({
    status: "True",
    reason: "NoConflicts",
  })
  expect(findCondition({ status }, "Established")?.status).toBe("True")
  expect(status?.storedVersions).toEqual(["v1"])
  expect(status?.acceptedNames).toEqual({
    plural: "widgets",
    singular: "widget",
    shortNames: ["wd"],
    kind: "Widget",
    listKind: "WidgetList",
  })
  expect(spec?.names).toMatchObject({ singular: "widget", listKind: "WidgetList" })
  expect(spec?.conversion).toEqual({ strategy: "None" })
})

test("a definition whose kind is taken waits until the other one has gone", async () => {
  await using server = await SystemServer.start()
  const { client } = server
  await client.create(CustomResourceDefinitionKind, widgetDefinition())
  await server.system.settled()
  const second = { ...widgetDefinition(), metadata: { name: "gadgets.example.com" } }
  const names = { plural: "gadgets", kind: "Widget", singular: "gadget" }
  await client.create(CustomResourceDefinitionKind, { ...second, spec: { ...second.spec, names } })
  const refused = await server.settledObject(CustomResourceDefinitionKind, second.metadata)
  expect(findCondition(refused ?? {}, "NamesAccepted")).toMatchObject({
    status: "False",
    reason: "KindConflict",
    message: '"Widget" is already in use',
  })
  expect(findCondition(refused ?? {}, "Established")?.status).toBe("False")
  const gadgets = { ...WidgetKind, plural: "gadgets" }
  await expect(client.list(gadgets)).rejects.toMatchObject({ code: 404 })

  await client.delete(CustomResourceDefinitionKind, { name })
  const accepted = await server.settledObject(CustomResourceDefinitionKind, second.metadata)
  expect(findCondition(accepted ?? {}, "Established")?.status).toBe("True")
  expect((await client.list(gadgets)).items).toEqual([])
})

test("deleting a definition deletes its objects and lets in no new ones", async () => {
  await using server = await SystemServer.start()
  const { client } = server
  await client.create(CustomResourceDefinitionKind, widgetDefinition())
  const held = { ...widget.metadata, finalizers: ["example.com/hold"] }
  await client.create(WidgetKind, { metadata: held })
  await client.delete(CustomResourceDefinitionKind, { name })

  const definition = await server.settledObject(CustomResourceDefinitionKind, { name })
  expect(definition?.metadata.finalizers).toEqual(["customresourcecleanup.apiextensions.k8s.io"])
  expect(findCondition(definition ?? {}, "Terminating")?.status).toBe("True")
  const late = { metadata: { name: "late", namespace: "default" } }
  await expect(client.create(WidgetKind, late)).rejects.toMatchObject({ code: 405 })

  const body = { metadata: { finalizers: [] } }
  await client.patch(WidgetKind, held, { type: "merge", body })
  expect(await server.settledObject(CustomResourceDefinitionKind, { name })).toBeUndefined()
  await expect(client.list(WidgetKind)).rejects.toMatchObject({ code: 404 })

  await client.create(CustomResourceDefinitionKind, widgetDefinition())
  expect((await client.list(WidgetKind)).items).toEqual([])
})

test("objects of a kind defined at run time go with their namespace", async () => {
  await using server = await SystemServer.start()
  const { client } = server
  await client.create(CustomResourceDefinitionKind, widgetDefinition())
  await client.create(NamespaceKind, { metadata: { name: "team" } })
  await client.create(WidgetKind, { metadata: { name: "one", namespace: "team" } })
  await client.delete(NamespaceKind, { name: "team" })
  expect(await server.settledObject(NamespaceKind, { name: "team" })).toBeUndefined()
  expect((await client.list(WidgetKind)).items).toEqual([])
})

test("a definition of our own kinds keeps its spec, and stays while it has objects", async () => {
  await using server = await SystemServer.start({ kinds: customKinds })
  const { client } = server
  const key = { name: "machines.cluster.x-k8s.io" }
  const current = await server.settledObject(CustomResourceDefinitionKind, key)
  expect(findCondition(current ?? {}, "Established")?.status).toBe("True")
  const labelled = await client.patch(CustomResourceDefinitionKind, key, {
    type: "merge",
    body: { metadata: { labels: { mine: "yes" } } },
  })
  expect(labelled.metadata.labels).toMatchObject({ mine: "yes" })
  const changed = client.patch(CustomResourceDefinitionKind, key, {
    type: "merge",
    body: { spec: { names: { shortNames: ["mm"] } } },
  })
  await expect(changed).rejects.toMatchObject({ code: 403, reason: "Forbidden" })

  await client.create(MachineKind, {
    metadata: { name: "m", namespace: "default" },
    spec: {
      clusterName: "c",
      bootstrap: { dataSecretName: "s" },
      infrastructureRef: { apiGroup: "infrastructure.cluster.x-k8s.io", kind: "X", name: "x" },
    },
  })
  const refused = await client.delete(CustomResourceDefinitionKind, key).catch((e: unknown) => e)
  expect(hasReason(refused, "Forbidden")).toBe(true)
  expect((refused as Error).message).toContain("1 of its objects exist")
})
