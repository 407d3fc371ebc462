import { customKinds, ClusterKind, MachineDeploymentKind, MachineKind, MachineSetKind } from "#apis"
import { TestServer } from "#apiserver/testing"
import { Client } from "#client"
import { ApiError } from "#meta"
import { expect, test } from "vitest"
import { aCluster, aDeployment, aMachine, key } from "../testing/objects.ts"
import { clusterRules } from "./cluster-rules.ts"

async function start(): Promise<{ client: Client } & AsyncDisposable> {
  const server = await TestServer.start({ kinds: customKinds, rules: clusterRules })
  const client = new Client(server.transport(), { fieldManager: "test" })
  return { client, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() }
}

async function refusal(promise: Promise<unknown>): Promise<string> {
  const error: unknown = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  return error instanceof ApiError ? error.message : "accepted"
}

test("a Machine gets its cluster's label, a v before its version and a limit for its Node", async () => {
  await using plane = await start()
  const machine = await plane.client.create(
    MachineKind,
    aMachine("m", { spec: { version: "1.34.4" } }),
  )
  expect(machine).toMatchObject({
    metadata: { labels: { "cluster.x-k8s.io/cluster-name": "c1" } },
    spec: { version: "v1.34.4", deletion: { nodeDeletionTimeoutSeconds: 10 } },
  })
})

test("a MachineDeployment gets one replica, a selector, a strategy and labels", async () => {
  await using plane = await start()
  const { spec, metadata } = aDeployment("md", 1)
  const { replicas: _, ...rest } = spec
  const deployment = await plane.client.create(MachineDeploymentKind, { metadata, spec: rest })
  const labels = {
    "cluster.x-k8s.io/deployment-name": "md",
    "cluster.x-k8s.io/cluster-name": "c1",
  }
  expect(deployment.spec).toMatchObject({
    replicas: 1,
    selector: { matchLabels: labels },
    template: { metadata: { labels } },
    rollout: {
      strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
    },
  })
})

test("a MachineSet gets a selector of its own, hashed when its name is no label", async () => {
  await using plane = await start()
  const { spec } = aDeployment("x", 1)
  const { replicas, selector, template, clusterName } = spec
  const make = (name: string) =>
    plane.client.create(MachineSetKind, {
      metadata: key(name),
      spec: { replicas, selector, template, clusterName },
    })
  const own = async (name: string) =>
    (await make(name)).spec.selector.matchLabels?.["cluster.x-k8s.io/set-name"]
  expect(await own("ms")).toBe("ms")
  expect(await own("m".repeat(70))).toMatch(/^hash_[A-Za-z0-9_-]{6}_z$/)
})

test("replicas stay within the autoscaler's range when nobody says a number", async () => {
  await using plane = await start()
  const size = "cluster.x-k8s.io/cluster-api-autoscaler-node-group"
  const annotations = { [`${size}-min-size`]: "2", [`${size}-max-size`]: "4" }
  const { spec } = aDeployment("md", 1)
  const { replicas: _, ...rest } = spec
  const metadata = { ...key("md"), annotations }
  const created = await plane.client.create(MachineDeploymentKind, { metadata, spec: rest })
  expect(created.spec.replicas).toBe(2)
  const set = (replicas: number | null) =>
    plane.client.patch(MachineDeploymentKind, key("md"), {
      type: "merge",
      body: { spec: { replicas } },
    })
  await set(9)
  expect((await set(null)).spec.replicas).toBe(4)
})

test.each([
  [
    "a topology",
    aCluster({ topology: { classRef: { name: "c" }, version: "v1.34.4" } }),
    "spec.topology: Forbidden: can be set only if the ClusterTopology feature flag is enabled",
  ],
  [
    "no reference at all",
    { metadata: key("c"), spec: { paused: true } },
    "one of spec.controlPlaneRef, spec.infrastructureRef or spec.topology must be set",
  ],
  [
    "a broken address range",
    aCluster({ clusterNetwork: { pods: { cidrBlocks: ["10.0.0.0/33"] } } }),
    "spec.clusterNetwork.pods.cidrBlocks[0]",
  ],
] as const)("a Cluster with %s is refused", async (_name, cluster, text) => {
  await using plane = await start()
  expect(await refusal(plane.client.create(ClusterKind, cluster))).toContain(text)
})

test.each([
  ["a version that is none", { version: "vlatest" }, "must be a valid semantic version"],
  [
    "no bootstrap data",
    { bootstrap: {} },
    "expected either spec.bootstrap.dataSecretName or spec.bootstrap.configRef to be populated",
  ],
  [
    "taints",
    { taints: [{ key: "a", effect: "NoSchedule", propagation: "Always" }] },
    "MachineTaintPropagation is disabled",
  ],
] as const)("a Machine with %s is refused", async (_name, spec, text) => {
  await using plane = await start()
  expect(await refusal(plane.client.create(MachineKind, aMachine("m", { spec })))).toContain(text)
})

test.each([
  [
    "a selector that misses its template",
    { selector: { matchLabels: { a: "b" } } },
    "must match spec.selector",
  ],
  [
    "names that are all the same",
    { machineNaming: { template: "fixed" } },
    "{{ .random }} is missing",
  ],
  [
    "neither surge nor unavailable",
    {
      rollout: {
        strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 0, maxUnavailable: 0 } },
      },
    },
    "maxUnavailable and maxSurge cannot both be 0",
  ],
  [
    "a surge that is no number",
    { rollout: { strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: "many" } } } },
    "must be either an int or a percentage",
  ],
  ["another cluster in its template", { clusterName: "other" }, "must be set to the same value"],
] as const)("a MachineDeployment with %s is refused", async (_name, spec, text) => {
  await using plane = await start()
  const promise = plane.client.create(MachineDeploymentKind, aDeployment("md", 1, spec))
  expect(await refusal(promise)).toContain(text)
})

test("the cluster of a Machine and the references of a Cluster cannot be taken away", async () => {
  await using plane = await start()
  await plane.client.create(MachineKind, aMachine("m"))
  await plane.client.create(ClusterKind, aCluster())
  const moved = { type: "merge", body: { spec: { clusterName: "other" } } } as const
  expect(await refusal(plane.client.patch(MachineKind, key("m"), moved))).toContain(
    "field is immutable",
  )
  const bare = { type: "merge", body: { spec: { infrastructureRef: null, paused: true } } } as const
  expect(await refusal(plane.client.patch(ClusterKind, key("c1"), bare))).toContain(
    "spec.infrastructureRef: Forbidden: cannot be removed",
  )
})
