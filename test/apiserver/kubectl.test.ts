import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { customKinds } from "#apis"
import { TestServer, widgetDefinition, widgetVersion } from "#apiserver/testing"
import { silentLogger, systemClock } from "#base"
import { SystemControllers } from "#system"
import { Kubectl, kubectlTitle, skipsKubectl } from "./kubectl.ts"

interface Listed {
  readonly items: readonly { readonly metadata: { readonly name: string } }[]
}

interface Shown {
  readonly metadata: {
    readonly resourceVersion: string
    readonly generation?: number
    readonly labels?: Record<string, string>
    readonly annotations?: Record<string, string>
    readonly managedFields?: readonly { readonly manager: string; readonly operation: string }[]
  }
  readonly data?: Record<string, string>
  readonly spec?: Record<string, unknown>
  readonly status?: Record<string, unknown>
}

function configMap(name: string, data: Record<string, string> = {}): object {
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { name }, data }
}

function widget(name: string, spec: object = {}, more: object = {}): object {
  return { apiVersion: "example.com/v1", kind: "Widget", metadata: { name }, spec, ...more }
}

const deployment = {
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "web" },
  spec: {
    replicas: 1,
    selector: { matchLabels: { app: "web" } },
    template: {
      metadata: { labels: { app: "web" } },
      spec: {
        containers: [
          { name: "one", image: "one:1" },
          { name: "two", image: "two:1", env: [{ name: "A", value: "1" }] },
        ],
      },
    },
  },
}

describe.skipIf(skipsKubectl)(kubectlTitle, () => {
  let server: TestServer
  let system: SystemControllers
  let kubectl: Kubectl

  beforeAll(async () => {
    server = await TestServer.start({ kinds: customKinds })
    const { caPem } = server
    system = new SystemControllers({
      server: server.server,
      clock: systemClock,
      log: silentLogger,
      caPem,
    })
    await system.start()
    kubectl = await Kubectl.connect(server)
    await kubectl.feed(["apply"], widgetDefinition())
    await kubectl.out(["wait", "--for=condition=Established", "crd/widgets.example.com"])
  }, 120_000)

  afterAll(async () => {
    await kubectl?.[Symbol.asyncDispose]()
    await system?.stop()
    await server?.[Symbol.asyncDispose]()
  })

  test("says which version it speaks to, and what there is", async () => {
    expect(await kubectl.out(["version"])).toContain("Server Version: v1.34.4")
    const resources = await kubectl.out(["api-resources", "--no-headers"])
    expect(resources).toMatch(/^widgets +wd +example\.com\/v1 +true +Widget$/m)
    expect(resources).toMatch(/^machines +ma +cluster\.x-k8s\.io\/v1beta2 +true +Machine$/m)
    expect(await kubectl.out(["api-versions"])).toContain("apiextensions.k8s.io/v1\n")
    expect(await kubectl.out(["cluster-info"])).toContain("is running at")
  })

  test("creates by generators, in protobuf", async () => {
    await kubectl.out(["create", "namespace", "proto"])
    await kubectl.out(["create", "secret", "generic", "s", "-n", "proto", "--from-literal=a=b"])
    await kubectl.out(["create", "configmap", "c", "-n", "proto", "--from-literal=a=b"])
    await kubectl.out(["create", "serviceaccount", "sa", "-n", "proto"])
    await kubectl.out(["create", "role", "r", "-n", "proto", "--verb=get", "--resource=pods"])
    await kubectl.out(["create", "rolebinding", "b", "-n", "proto", "--role=r", "--user=u"])
    await kubectl.out(["create", "deployment", "d", "-n", "proto", "--image=i", "--replicas=2"])
    const secret = await kubectl.json<Shown>(["get", "secret", "s", "-n", "proto"])
    expect(secret.data).toEqual({ a: "Yg==" })
    const created = await kubectl.json<Shown>(["get", "deployment", "d", "-n", "proto"])
    expect(created.spec).toMatchObject({ replicas: 2 })
    const token = await kubectl.out(["create", "token", "sa", "-n", "proto"])
    expect(token.split(".").length).toBe(3)
    await kubectl.out(["delete", "namespace", "proto", "--wait=true", "--timeout=60s"])
    const gone = await kubectl.run(["get", "namespace", "proto"])
    expect(gone.stderr).toContain('namespaces "proto" not found')
  })

  test("applies, and applies again, on its own side", async () => {
    expect(await kubectl.feed(["apply"], configMap("a", { x: "1" }))).toBe("configmap/a created\n")
    expect(await kubectl.feed(["apply"], configMap("a", { x: "1" }))).toBe(
      "configmap/a unchanged\n",
    )
    expect(await kubectl.feed(["apply"], configMap("a", { y: "2" }))).toBe(
      "configmap/a configured\n",
    )
    expect((await kubectl.json<Shown>(["get", "cm", "a"])).data).toEqual({ y: "2" })
    expect(await kubectl.feed(["apply"], widget("a", { size: 2 }))).toBe(
      "widget.example.com/a created\n",
    )
    expect(await kubectl.feed(["apply"], widget("a", { size: 4 }))).toBe(
      "widget.example.com/a configured\n",
    )
    expect((await kubectl.json<Shown>(["get", "wd", "a"])).spec).toEqual({ size: 4 })
    await kubectl.out(["delete", "cm/a", "wd/a"])
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

  test("patches, labels, annotates and replaces", async () => {
    await kubectl.feed(["create"], configMap("p", { a: "1" }))
    await kubectl.out([
      "patch",
      "cm",
      "p",
      "--type=json",
      "-p",
      '[{"op":"add","path":"/data/b","value":"2"}]',
    ])
    await kubectl.out(["patch", "cm", "p", "--type=merge", "-p", '{"data":{"a":null}}'])
    await kubectl.out(["label", "cm", "p", "team=x"])
    await kubectl.out(["annotate", "cm", "p", "note=y"])
    const { data, metadata } = await kubectl.json<Shown>(["get", "cm", "p"])
    expect([data, metadata.labels]).toEqual([{ b: "2" }, { team: "x" }])
    await kubectl.feed(["replace"], configMap("p", { c: "3" }))
    expect((await kubectl.json<Shown>(["get", "cm", "p"])).data).toEqual({ c: "3" })
    await kubectl.feed(["replace", "--force"], configMap("p", { d: "4" }))
    await kubectl.out(["delete", "cm", "p"])
  })

  test("a dry run shows what would be, and changes nothing", async () => {
    const created = await kubectl.feed(["create", "--dry-run=server"], configMap("dry"))
    expect(created).toBe("configmap/dry created (server dry run)\n")
    expect((await kubectl.run(["get", "cm", "dry"])).code).toBe(1)
    await kubectl.feed(["create"], configMap("dry", { a: "1" }))
    const { metadata } = await kubectl.json<Shown>(["get", "cm", "dry"])
    await kubectl.feed(
      ["apply", "--server-side", "--force-conflicts", "--dry-run=server"],
      configMap("dry", { a: "2" }),
    )
    await kubectl.out(["delete", "cm", "dry", "--dry-run=server"])
    const after = await kubectl.json<Shown>(["get", "cm", "dry"])
    expect(after.metadata.resourceVersion).toBe(metadata.resourceVersion)
    await kubectl.out(["delete", "cm", "dry"])
  })

  test("diff shows changes and exits with one", async () => {
    await kubectl.feed(["apply"], configMap("d", { a: "1" }))
    const input = JSON.stringify(configMap("d", { a: "2" }))
    for (const flags of [[], ["--server-side", "--force-conflicts"]]) {
      const { code, stdout } = await kubectl.run(["diff", ...flags, "-f", "-"], { input })
      expect(code).toBe(1)
      expect(stdout).toMatch(/^- {2}a: "1"$/m)
      expect(stdout).toMatch(/^\+ {2}a: "2"$/m)
    }
    const same = await kubectl.run(["diff", "-f", "-"], {
      input: JSON.stringify(configMap("d", { a: "1" })),
    })
    expect([same.code, same.stdout]).toEqual([0, ""])
    await kubectl.out(["delete", "cm", "d"])
  })

  test("edit opens an editor and writes what it leaves", async () => {
    await kubectl.feed(["create"], configMap("e", { a: "before" }), widget("e", { size: 1 }))
    const script =
      '#!/bin/sh\nsed -e "s/before/after/" -e "s/size: 1/size: 7/" "$1" > "$1.new"\ncat "$1.new" > "$1"\n'
    const editor = await kubectl.file("editor.sh", script, 0o700)
    for (const target of ["cm/e", "wd/e"]) {
      await kubectl.out(["edit", target], { environment: { KUBE_EDITOR: editor } })
    }
    expect((await kubectl.json<Shown>(["get", "cm", "e"])).data).toEqual({ a: "after" })
    expect((await kubectl.json<Shown>(["get", "wd", "e"])).spec).toEqual({ size: 7 })
    await kubectl.out(["delete", "cm/e", "wd/e"])
  })

  test("explain describes fields, of Kubernetes' kinds and of ours and of users'", async () => {
    expect(await kubectl.out(["explain", "deployment.spec.replicas"])).toContain(
      "FIELD: replicas <integer>",
    )
    expect(await kubectl.out(["explain", "widget.spec"])).toMatch(/size\s+<integer>/)
    expect(await kubectl.out(["explain", "machine.spec"])).toMatch(
      /clusterName\s+<string> -required-/,
    )
  })

  test("describe shows an object with its events", async () => {
    await kubectl.feed(["create"], configMap("described", { key: "value" }))
    expect(await kubectl.out(["describe", "cm", "described"])).toMatch(/key:\n----\nvalue/)
    const { metadata } = await kubectl.json<{ metadata: { uid: string } }>([
      "get",
      "cm",
      "described",
    ])
    await kubectl.feed(["create"], {
      apiVersion: "v1",
      kind: "Event",
      metadata: { name: "told", namespace: "default" },
      involvedObject: {
        kind: "Widget",
        apiVersion: "example.com/v1",
        name: "w",
        namespace: "default",
        uid: metadata.uid,
      },
      reason: "Tested",
      message: "it was told",
      type: "Normal",
      source: { component: "test" },
      firstTimestamp: "2026-01-01T00:00:00Z",
      lastTimestamp: "2026-01-01T00:00:00Z",
      count: 1,
    })
    expect(await kubectl.out(["events", "--for", "widgets.example.com/w"])).toContain("it was told")
    expect(await kubectl.out(["describe", "ns", "default"])).toContain("Status:  ")
    await kubectl.out(["delete", "cm/described", "event/told"])
  })

  test("wait ends when a field, a condition or an absence comes", async () => {
    await kubectl.feed(["create"], widget("awaited"))
    const ready = kubectl.out([
      "wait",
      "wd/awaited",
      "--for=jsonpath={.status.ready}=true",
      "--timeout=60s",
    ])
    await kubectl.out([
      "patch",
      "wd",
      "awaited",
      "--subresource=status",
      "--type=merge",
      "-p",
      '{"status":{"ready":true}}',
    ])
    expect(await ready).toBe("widget.example.com/awaited condition met\n")
    const gone = kubectl.out(["wait", "wd/awaited", "--for=delete", "--timeout=60s"])
    await kubectl.out(["delete", "wd", "awaited"])
    await gone
  })

  test("get prints columns, follows changes and pages through", async () => {
    await kubectl.feed(["create"], ...[1, 2, 3].map((size) => widget(`w${size}`, { size })))
    expect(await kubectl.out(["get", "wd"])).toBe("NAME   SIZE\nw1     1\nw2     2\nw3     3\n")
    expect(await kubectl.out(["get", "wd", "--chunk-size=1", "-o", "name"])).toBe(
      "widget.example.com/w1\nwidget.example.com/w2\nwidget.example.com/w3\n",
    )
    expect(await kubectl.out(["get", "wd", "--sort-by=.spec.size", "--no-headers"])).toMatch(/^w1/)
    expect(await kubectl.out(["get", "cm", "-A", "-o", "wide"])).toContain("kube-root-ca.crt")
    const all = await kubectl.json<Listed>(["get", "wd", "-l", "none=there"])
    expect(all.items).toEqual([])
    await kubectl.out(["delete", "wd", "--all"])
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

  test("deletes in the background, in the foreground and leaving orphans", async () => {
    for (const cascade of ["background", "foreground", "orphan"]) {
      await kubectl.feed(["create"], configMap("owner"))
      const { metadata } = await kubectl.json<{ metadata: { uid: string } }>(["get", "cm", "owner"])
      const owner = { apiVersion: "v1", kind: "ConfigMap", name: "owner", uid: metadata.uid }
      await kubectl.feed(["create"], {
        ...configMap("child"),
        metadata: { name: "child", ownerReferences: [{ ...owner, blockOwnerDeletion: true }] },
      })
      await kubectl.out(["delete", "cm", "owner", `--cascade=${cascade}`, "--timeout=60s"])
      await system.settled()
      const child = await kubectl.run(["get", "cm", "child", "-o", "json"])
      expect(child.code).toBe(cascade === "orphan" ? 0 : 1)
    }
    await kubectl.out(["delete", "cm", "child"])
  })

  test("auth says who one is and what one may", async () => {
    expect(await kubectl.out(["auth", "whoami"])).toContain("kubernetes-admin")
    expect(await kubectl.out(["auth", "can-i", "delete", "nodes"])).toBe("yes\n")
    const nobody = await kubectl.run(["auth", "can-i", "delete", "nodes", "--as=nobody"])
    expect(nobody.stdout).toBe("no\n")
    expect(await kubectl.out(["auth", "can-i", "--list"])).toContain("*.*")
  })
})
