import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { widgetDefinition, widgetVersion } from "#apiserver/testing"
import { type Kubectl, kubectlTitle, skipsKubectl } from "./kubectl.ts"
import { configMap, deployment, KubectlScene, type Shown, widget } from "./kubectl-scene.ts"

describe.skipIf(skipsKubectl())(kubectlTitle, () => {
  let scene: KubectlScene
  let kubectl: Kubectl

  beforeAll(async () => {
    scene = await KubectlScene.start()
    kubectl = await scene.connect()
  }, 120_000)

  afterAll(async () => {
    await scene?.[Symbol.asyncDispose]()
  })

  test("merges lists of Kubernetes' own kinds by their keys", async () => {
    await kubectl.feed(["apply"], deployment)
    const body = { spec: { template: { spec: { containers: [{ name: "two", image: "two:2" }] } } } }
    await kubectl.out(["patch", "deployment", "web", "-p", JSON.stringify(body)])
    const changed = await kubectl.json<typeof deployment>(["get", "deployment", "web"])
    expect(changed.spec.template.spec.containers).toMatchObject(
      [
        { name: "two", image: "two:2", env: [{ name: "A", value: "1" }] },
        { name: "one", image: "one:1" },
      ].toReversed(),
    )
    const remove = {
      spec: { template: { spec: { containers: [{ name: "one", $patch: "delete" }] } } },
    }
    await kubectl.out(["patch", "deployment", "web", "-p", JSON.stringify(remove)])
    await kubectl.out(["set", "image", "deployment/web", "two=two:3"])
    const left = await kubectl.json<typeof deployment>(["get", "deployment", "web"])
    expect(left.spec.template.spec.containers).toMatchObject([{ name: "two", image: "two:3" }])
    await kubectl.out(["scale", "deployment", "web", "--replicas=5"])
    const scaled = await kubectl.json<typeof deployment>(["get", "deployment", "web"])
    expect(scaled.spec.replicas).toBe(5)
    await kubectl.out(["delete", "deployment", "web"])
  })

  test("applies on the server's side, and meets who owns what", async () => {
    const apply = ["apply", "--server-side", "-f", "-"]
    const one = { input: JSON.stringify(configMap("ssa", { a: "1", b: "1" })) }
    const two = { input: JSON.stringify(configMap("ssa", { a: "2" })) }
    expect(await kubectl.out([...apply, "--field-manager=one"], one)).toContain(
      "serverside-applied",
    )
    const before = await kubectl.json<Shown>(["get", "cm", "ssa", "--show-managed-fields"])
    await kubectl.out([...apply, "--field-manager=one"], one)
    const again = await kubectl.json<Shown>(["get", "cm", "ssa", "--show-managed-fields"])
    expect(again).toEqual(before)
    const conflict = await kubectl.run([...apply, "--field-manager=two"], two)
    expect(conflict.code).toBe(1)
    expect(conflict.stderr).toContain('Apply failed with 1 conflict: conflict with "one": .data.a')
    await kubectl.out([...apply, "--field-manager=two", "--force-conflicts"], two)
    const forced = await kubectl.json<Shown>(["get", "cm", "ssa", "--show-managed-fields"])
    expect(forced.data).toEqual({ a: "2", b: "1" })
    expect(forced.metadata.managedFields?.map(({ manager }) => manager)).toEqual(["one", "two"])
    const less = { input: JSON.stringify(configMap("ssa")) }
    await kubectl.out([...apply, "--field-manager=one"], less)
    expect((await kubectl.json<Shown>(["get", "cm", "ssa"])).data).toEqual({ a: "2" })
    await kubectl.out(["delete", "cm", "ssa"])
  })

  test("takes an object that it applied itself over to the server's side", async () => {
    await kubectl.feed(["apply"], configMap("moved", { a: "1", b: "1" }))
    const input = JSON.stringify(configMap("moved", { a: "1" }))
    await kubectl.out(["apply", "--server-side", "-f", "-"], { input })
    const { data, metadata } = await kubectl.json<Shown>([
      "get",
      "cm",
      "moved",
      "--show-managed-fields",
    ])
    expect(data).toEqual({ a: "1" })
    const managers = metadata.managedFields?.map(({ manager, operation }) => [manager, operation])
    expect(managers).toEqual([
      ["kubectl-last-applied", "Apply"],
      ["kubectl", "Apply"],
    ])
    const applied = metadata.annotations?.["kubectl.kubernetes.io/last-applied-configuration"] ?? ""
    expect(JSON.parse(applied)).toMatchObject({ data: { a: "1" } })
    expect(applied).not.toContain('"b"')
    await kubectl.out(["delete", "cm", "moved"])
  })

  test("a user's kind defaults, prunes, keeps its status apart and scales", async () => {
    const made = widget("full", { unknown: 1 }, { status: { ready: true }, other: 1 })
    const { stderr } = await kubectl.run(["create", "--validate=warn", "-f", "-"], {
      input: JSON.stringify(made),
    })
    expect(stderr).toContain('unknown field "spec.unknown"')
    const created = await kubectl.json<Shown>(["get", "wd", "full"])
    expect([created.spec, created.status, created.metadata.generation]).toEqual([
      { size: 3 },
      undefined,
      1,
    ])
    const strict = await kubectl.run(["create", "-f", "-"], {
      input: JSON.stringify(widget("x", { unknown: 1 })),
    })
    expect(strict.stderr).toContain('strict decoding error: unknown field "spec.unknown"')
    const bad = await kubectl.run(["create", "-f", "-"], {
      input: JSON.stringify(widget("x", { size: 0 })),
    })
    expect(bad.stderr).toContain(
      'The Widget "x" is invalid: spec.size: Invalid value: 0: spec.size in body should be greater than or equal to 1',
    )
    await kubectl.out([
      "patch",
      "wd",
      "full",
      "--subresource=status",
      "--type=merge",
      "-p",
      '{"status":{"ready":true},"spec":{"size":9}}',
    ])
    const told = await kubectl.json<Shown>(["get", "wd", "full"])
    expect([told.spec, told.status, told.metadata.generation]).toEqual([
      { size: 3 },
      { ready: true },
      1,
    ])
    await kubectl.out(["scale", "wd", "full", "--replicas=4"])
    const scaled = await kubectl.json<Shown>(["get", "wd", "full"])
    expect([scaled.spec, scaled.metadata.generation]).toEqual([{ size: 3, replicas: 4 }, 2])
    await kubectl.out(["delete", "wd", "full"])
  })

  test("a definition that is changed shows old objects through the new schema", async () => {
    const names = { plural: "gizmos", kind: "Gizmo" }
    const base = widgetDefinition({ names })
    const definition = { ...base, metadata: { name: "gizmos.example.com" } }
    const gizmo = { ...widget("old", { color: "a", size: 2 }), kind: "Gizmo" }
    await kubectl.feed(["apply"], definition)
    await kubectl.out(["wait", "--for=condition=Established", "crd/gizmos.example.com"])
    await kubectl.feed(["apply"], gizmo)
    const properties = {
      spec: {
        type: "object",
        properties: { size: { type: "integer" }, more: { type: "string", default: "yes" } },
      },
    }
    const schema = { openAPIV3Schema: { type: "object", properties } }
    const version = { ...widgetVersion, schema, selectableFields: [] }
    const versions = [
      { ...version, name: "v2" },
      { ...widgetVersion, storage: false, deprecated: true },
    ]
    const spec = { ...definition.spec, versions }
    await kubectl.feed(["apply"], { ...definition, spec })
    const raw = await kubectl.out([
      "get",
      "--raw",
      "/apis/example.com/v2/namespaces/default/gizmos/old",
    ])
    expect(JSON.parse(raw)).toMatchObject({
      apiVersion: "example.com/v2",
      spec: { size: 2, more: "yes" },
    })
    expect(raw).not.toContain('"color":"a"')
    const old = await kubectl.run(["get", "gizmos.v1.example.com", "old", "-o", "json"])
    expect(JSON.parse(old.stdout)).toMatchObject({
      apiVersion: "example.com/v1",
      spec: { size: 2, color: "a" },
    })
    expect(old.stderr).toContain("example.com/v1 Gizmo is deprecated")
    const status = await kubectl.json<{ status: object }>(["get", "crd", "gizmos.example.com"])
    expect(status.status).toMatchObject({ storedVersions: ["v1", "v2"] })
    await kubectl.out(["delete", "crd", "gizmos.example.com", "--timeout=60s"])
    expect((await kubectl.run(["get", "gizmos"])).stderr).toContain("(NotFound)")
  })
})
