import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { type Kubectl, type KubectlProgram, kubectlPrograms, skipsKubectl } from "./kubectl.ts"
import { configMap, deployment, KubectlScene, type Shown, widget } from "./kubectl-scene.ts"

interface Listed {
  readonly items: readonly { readonly metadata: { readonly name: string } }[]
}

interface Versions {
  readonly clientVersion: { readonly gitVersion: string }
  readonly serverVersion: { readonly gitVersion: string }
}

const setLabel = "applyset.kubernetes.io/part-of"
const mergeStatus = ["--subresource=status", "--type=merge", "-p"]

let scene: KubectlScene

beforeAll(async () => {
  scene = await KubectlScene.start()
}, 120_000)

afterAll(async () => {
  await scene?.[Symbol.asyncDispose]()
})

// One server for all of them, a namespace for each.
for (const program of kubectlPrograms) {
  const title = `${program.program} ${program.version} (needs \`npm run lab -- build\`)`
  describe.skipIf(skipsKubectl(program))(title, () => describeKubectl(program))
}

function describeKubectl(program: KubectlProgram): void {
  const streamsLists = Number(program.version.split(".")[1]) >= 35
  const namespace = program.program.replaceAll(".", "-")
  let kubectl: Kubectl

  beforeAll(async () => {
    kubectl = await scene.connect(program)
    await kubectl.out(["create", "namespace", namespace])
    await kubectl.out(["config", "set-context", "--current", `--namespace=${namespace}`])
  }, 120_000)

  test("says who it is and which version it speaks to, and what there is", async () => {
    const versions = await kubectl.json<Versions>(["version"])
    expect(versions.clientVersion.gitVersion).toBe(program.version)
    expect(versions.serverVersion.gitVersion).toBe("v1.34.4")
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
    await kubectl.out(["create", "quota", "q", "-n", "proto", "--hard=pods=1"])
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
  })

  test("applies on the server's side, and meets who owns what", async () => {
    const apply = ["apply", "--server-side"]
    expect(await kubectl.feed([...apply, "--field-manager=one"], configMap("s", { a: "1" }))).toBe(
      "configmap/s serverside-applied\n",
    )
    const other = { input: JSON.stringify(configMap("s", { a: "2" })) }
    const refused = await kubectl.run([...apply, "--field-manager=two", "-f", "-"], other)
    expect(refused.code).toBe(1)
    expect(refused.stderr).toContain('Apply failed with 1 conflict: conflict with "one": .data.a')
    await kubectl.feed([...apply, "--field-manager=two", "--force-conflicts"], configMap("s"))
    expect((await kubectl.json<Shown>(["get", "cm", "s"])).data).toEqual({ a: "1" })
  })

  test("apply prunes what is in the set no more", async () => {
    const applyset = { environment: { KUBECTL_APPLYSET: "true" } }
    const inputs = [["1", "2"], ["1"]].map((names) =>
      names.map((name) => JSON.stringify(configMap(`set-${name}`))).join("\n"),
    )
    const apply = [
      "apply",
      "--server-side",
      "--prune",
      "--applyset=both",
      "-n",
      namespace,
      "-f",
      "-",
    ]
    for (const input of inputs) await kubectl.out(apply, { ...applyset, input })
    const left = await kubectl.out(["get", "cm", "-o", "name", "-l", setLabel])
    expect(left).toBe("configmap/set-1\n")
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
    await kubectl.out(["patch", "cm", "p", "-p", '{"data":{"c":"3"}}'])
    await kubectl.out(["patch", "cm", "p", "-p", '{"data":{"c":null}}'])
    await kubectl.out(["label", "cm", "p", "team=x"])
    await kubectl.out(["annotate", "cm", "p", "note=y"])
    const { data, metadata } = await kubectl.json<Shown>(["get", "cm", "p"])
    expect([data, metadata.labels]).toEqual([{ b: "2" }, { team: "x" }])
    await kubectl.feed(["replace"], configMap("p", { c: "3" }))
    expect((await kubectl.json<Shown>(["get", "cm", "p"])).data).toEqual({ c: "3" })
    await kubectl.feed(["replace", "--force"], configMap("p", { d: "4" }))
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
  })

  test("explain describes fields, of Kubernetes' kinds and of ours and of users'", async () => {
    expect(await kubectl.out(["explain", "deployment.spec.replicas"])).toContain(
      "FIELD: replicas <integer>",
    )
    expect(await kubectl.out(["explain", "widget.spec"])).toMatch(/size\s+<integer>/)
    expect(await kubectl.out(["explain", "widget.metadata"])).toMatch(
      /Name of the object, unique among those of its kind in its\s+namespace\./,
    )
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
      metadata: { name: "told" },
      involvedObject: {
        kind: "Widget",
        apiVersion: "example.com/v1",
        name: "w",
        namespace,
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
  })

  test("wait ends when an object, a field or a condition comes, or all of it goes", async () => {
    const status = async (body: object): Promise<unknown> =>
      await kubectl.out([
        "patch",
        "deployment/web",
        ...mergeStatus,
        JSON.stringify({ status: body }),
      ])
    const conditions = [{ type: "Available", status: "True" }]
    const steps: readonly [string, () => Promise<unknown>][] = [
      ["create", () => kubectl.feed(["create"], deployment)],
      ["jsonpath={.status.readyReplicas}=1", () => status({ readyReplicas: 1 })],
      ["condition=Available", () => status({ conditions })],
      ["delete", () => kubectl.out(["delete", "deployment", "web"])],
    ]

    for (const [what, act] of steps) {
      const waiting = kubectl.run([
        "wait",
        "deployment/web",
        `--for=${what}`,
        "--timeout=60s",
        "-v=8",
      ])
      await act()
      const { code, stdout, stderr } = await waiting
      expect([what, code]).toEqual([what, 0])
      if (what !== "delete") expect(stdout).toBe("deployment.apps/web condition met\n")
      // Newer ones have the list streamed; whoever is not answered well falls back to this.
      if (streamsLists) expect(stderr).not.toContain("limit=500&resourceVersion=0")
    }
  })

  test("wait gives up in time, and says on what", async () => {
    await kubectl.feed(["create"], widget("idle"))
    const waited = await kubectl.run(["wait", "wd/idle", "--for=condition=Fine", "--timeout=1s"])
    expect([waited.code, waited.stderr]).toEqual([
      1,
      "error: timed out waiting for the condition on widgets/idle\n",
    ])
  })

  test("rollout status follows a Deployment until it is there", async () => {
    await kubectl.feed(["create"], deployment)
    const lines = kubectl.follow(["rollout", "status", "deployment/web"])

    const { value: first } = await lines.next()
    const counts = { replicas: 1, updatedReplicas: 1, readyReplicas: 1, availableReplicas: 1 }
    const status = JSON.stringify({ status: { observedGeneration: 1, ...counts } })
    await kubectl.out(["patch", "deployment", "web", ...mergeStatus, status])

    const rest = await Array.fromAsync(lines)
    expect(first).toMatch(/^Waiting for deployment/)
    expect(rest.at(-1)).toBe('deployment "web" successfully rolled out')
    expect(await kubectl.out(["get", "deployment", "web", "--no-headers"])).toMatch(/^web +1\/1 /)
  })

  test("get follows what happens to an object", async () => {
    await kubectl.feed(["create"], widget("seen", { size: 1 }))
    const lines = kubectl.follow(["get", "wd/seen", "-w", "--output-watch-events", "--no-headers"])

    const seen = [(await lines.next()).value]
    await kubectl.out(["patch", "wd", "seen", "--type=merge", "-p", '{"spec":{"size":2}}'])
    seen.push((await lines.next()).value)
    await kubectl.out(["delete", "wd", "seen"])
    seen.push((await lines.next()).value)
    await lines.return(undefined)

    expect(seen.map((line) => line?.split(/ +/))).toEqual([
      ["ADDED", "seen", "1"],
      ["MODIFIED", "seen", "2"],
      ["DELETED", "seen", "2"],
    ])
  })

  test("get prints columns, follows changes and pages through", async () => {
    const listed = [1, 2, 3].map((size) =>
      widget(`w${size}`, { size }, { metadata: { name: `w${size}`, labels: { in: "list" } } }),
    )
    await kubectl.feed(["create"], ...listed)
    const get = ["get", "wd", "-l", "in=list"]
    expect(await kubectl.out(get)).toBe("NAME   SIZE\nw1     1\nw2     2\nw3     3\n")
    expect(await kubectl.out([...get, "--chunk-size=1", "-o", "name"])).toBe(
      "widget.example.com/w1\nwidget.example.com/w2\nwidget.example.com/w3\n",
    )
    expect(await kubectl.out([...get, "--sort-by=.spec.size", "--no-headers"])).toMatch(/^w1/)
    expect(await kubectl.out(["get", "cm", "-A", "-o", "wide"])).toContain("kube-root-ca.crt")
    const all = await kubectl.json<Listed>(["get", "wd", "-l", "none=there"])
    expect(all.items).toEqual([])
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
      await scene.system.settled()
      const child = await kubectl.run(["get", "cm", "child", "-o", "json"])
      expect(child.code).toBe(cascade === "orphan" ? 0 : 1)
    }
  })

  test("auth says who one is and what one may", async () => {
    expect(await kubectl.out(["auth", "whoami"])).toContain("kubernetes-admin")
    expect(await kubectl.out(["auth", "can-i", "delete", "nodes"])).toBe("yes\n")
    const nobody = await kubectl.run(["auth", "can-i", "delete", "nodes", "--as=nobody"])
    expect(nobody.stdout).toBe("no\n")
    expect(await kubectl.out(["auth", "can-i", "--list"])).toContain("*.*")
  })
}
