import { ClusterKind, DevMachineKind, KubeadmConfigKind, MachineKind, NodeKind } from "#apis"
import { findCondition, isConditionTrue } from "#meta"
import { expect, test } from "vitest"
import { Bench, clusterName } from "../testing/bench.ts"
import {
  aMachine,
  aNode,
  key,
  makeCluster,
  makeMachine,
  bringUp,
  makeNode,
  provideBootstrap,
  provideInfrastructure,
  providerId,
} from "../testing/objects.ts"

test("a standalone control plane Machine goes from Pending to Running, and its Cluster with it", async () => {
  await using bench = await Bench.start()
  await makeCluster(bench)
  await makeMachine(bench, aMachine("cp", { isControlPlane: true }))
  const phase = async () => (await bench.client.get(MachineKind, key("cp"))).status?.phase
  expect(await phase()).toBe("Pending")

  await provideBootstrap(bench, "cp")
  expect(await phase()).toBe("Provisioning")
  await provideInfrastructure(bench, "cp")
  expect(await phase()).toBe("Provisioned")
  await makeNode(bench, aNode("cp"))
  await bench.until(MachineKind, "cp", (machine) => machine?.status?.phase === "Running")

  const machine = await bench.client.get(MachineKind, key("cp"))
  expect(machine.status).toMatchObject({
    phase: "Running",
    nodeRef: { name: "cp" },
    addresses: [{ type: "InternalIP", address: "10.0.0.1" }],
    initialization: { bootstrapDataSecretCreated: true, infrastructureProvisioned: true },
  })
  expect(machine.spec.bootstrap.dataSecretName).toBe("cp")
  const cluster = await bench.client.get(ClusterKind, key(clusterName))
  for (const type of ["Ready", "Available", "NodeReady", "NodeHealthy"]) {
    expect(findCondition(machine, type), type).toMatchObject({ status: "True" })
  }
  expect(cluster.status).toMatchObject({
    phase: "Provisioned",
    initialization: { infrastructureProvisioned: true, controlPlaneInitialized: true },
    controlPlane: { desiredReplicas: 1, readyReplicas: 1, availableReplicas: 1 },
  })
  for (const type of ["Available", "RemoteConnectionProbe", "ControlPlaneAvailable"]) {
    expect(findCondition(cluster, type), type).toMatchObject({ status: "True" })
  }
  const owner = { kind: "Machine", name: "cp", controller: true }
  const children = [
    await bench.client.get(DevMachineKind, key("cp")),
    await bench.client.get(KubeadmConfigKind, key("cp")),
  ]
  for (const { metadata } of children) {
    expect(metadata).toMatchObject({
      ownerReferences: [owner],
      labels: { "cluster.x-k8s.io/cluster-name": clusterName },
    })
  }
  expect(machine.metadata.ownerReferences).toMatchObject([{ kind: "Cluster", name: clusterName }])
  expect(
    (await bench.workloadClient.get(NodeKind, { name: "cp" })).metadata.annotations,
  ).toMatchObject({
    "cluster.x-k8s.io/machine": "cp",
    "cluster.x-k8s.io/cluster-name": clusterName,
  })
})

test("labels, annotations and taints of a Machine reach its Node, and go again", async () => {
  await using bench = await Bench.start()
  await makeCluster(bench)
  await makeMachine(bench, aMachine("cp", { isControlPlane: true }))
  const role = "node-role.kubernetes.io/edge"
  await bench.client.patch(MachineKind, key("cp"), {
    type: "merge",
    body: { metadata: { labels: { [role]: "", "example.com/mine": "no" } } },
  })
  await provideBootstrap(bench, "cp")
  await provideInfrastructure(bench, "cp")
  const uninitialized = {
    key: "node.cluster.x-k8s.io/uninitialized",
    effect: "NoSchedule",
  } as const
  const kept = { key: "example.com/kept", effect: "NoExecute" } as const
  const spec = { providerID: providerId("cp"), taints: [uninitialized, kept] }
  await makeNode(bench, aNode("cp", { spec }))
  await bench.until(MachineKind, "cp", (machine) => machine?.status?.phase === "Running")

  const node = await bench.workloadClient.get(NodeKind, { name: "cp" })
  expect(node.metadata.labels).toMatchObject({ [role]: "" })
  expect(node.metadata.labels).not.toHaveProperty("example.com/mine")
  expect(node.spec?.taints).toEqual([kept])

  const body = { metadata: { labels: { [role]: null } } }
  await bench.client.patch(MachineKind, key("cp"), { type: "merge", body })
  await bench.settle()
  const after = await bench.workloadClient.get(NodeKind, { name: "cp" })
  expect(after.metadata.labels ?? {}).not.toHaveProperty(role)
})

test("a Machine whose Cluster is not there says so", async () => {
  await using bench = await Bench.start()
  await bench.client.create(MachineKind, aMachine("lost"))
  await bench.settle()

  const machine = await bench.client.get(MachineKind, key("lost"))
  expect(findCondition(machine, "Ready")?.message).toContain(
    `NodeHealthy: Cluster ${clusterName} does not exist`,
  )
})

test("a Node that turns unhealthy shows on its Machine, and one that is deleted does, too", async () => {
  await using bench = await Bench.start()
  await makeCluster(bench)
  await makeMachine(bench, aMachine("cp", { isControlPlane: true }))
  await bringUp(bench, "cp")

  const conditions = [
    { type: "Ready", status: "False", reason: "KubeletNotReady", message: "disk is full" },
    { type: "MemoryPressure", status: "False" },
    { type: "DiskPressure", status: "True" },
    { type: "PIDPressure", status: "False" },
  ]
  const patch = { type: "merge", body: { status: { conditions } } } as const
  await bench.workloadClient.patchStatus(NodeKind, { name: "cp" }, patch)
  const sick = await bench.until(
    MachineKind,
    "cp",
    (machine) => machine !== undefined && !isConditionTrue(machine, "Ready"),
  )
  expect(findCondition(sick ?? {}, "NodeHealthy")).toMatchObject({
    status: "False",
    reason: "NodeNotHealthy",
    message: "* Node.Ready: disk is full\n* Node.DiskPressure: Condition is True",
  })

  await bench.workloadClient.delete(NodeKind, { name: "cp" })
  const bereft = await bench.until(
    MachineKind,
    "cp",
    (machine) => findCondition(machine ?? {}, "NodeHealthy")?.reason === "NodeDeleted",
  )
  expect(bereft?.status?.phase).toBe("Running")
})

test("a workload cluster that falls silent is noticed, by the Cluster first", async () => {
  await using bench = await Bench.start()
  await makeCluster(bench)
  await makeMachine(bench, aMachine("cp", { isControlPlane: true }))
  await bringUp(bench, "cp")

  await bench.workload.server.stop()
  await bench.elapse(60_000)
  const cluster = await bench.until(
    ClusterKind,
    clusterName,
    (found) => found !== undefined && !isConditionTrue(found, "RemoteConnectionProbe"),
  )
  expect(findCondition(cluster ?? {}, "Available")).toMatchObject({ status: "False" })
  const before = await bench.client.get(MachineKind, key("cp"))
  expect(findCondition(before, "NodeReady")).toMatchObject({ status: "True" })

  await bench.elapse(5 * 60_000)
  const machine = await bench.until(
    MachineKind,
    "cp",
    (found) => findCondition(found ?? {}, "NodeReady")?.reason === "ConnectionDown",
  )
  expect(findCondition(machine ?? {}, "Ready")).toMatchObject({ status: "Unknown" })
})

test("minReadySeconds delays availability, not readiness", async () => {
  await using bench = await Bench.start()
  await makeCluster(bench)
  await makeMachine(bench, aMachine("cp", { isControlPlane: true, spec: { minReadySeconds: 60 } }))
  await bringUp(bench, "cp")
  const available = async () =>
    findCondition(await bench.client.get(MachineKind, key("cp")), "Available")
  await bench.advance(30_000)
  expect(await available()).toMatchObject({ status: "False", reason: "WaitingForMinReadySeconds" })
  await bench.advance(31_000)
  expect(await available()).toMatchObject({ status: "True" })
})

test("a paused Cluster leaves its Machines alone, and so does a paused Machine", async () => {
  await using bench = await Bench.start()
  await makeCluster(bench)
  await makeMachine(bench, aMachine("cp", { isControlPlane: true }))
  const pause = async (paused: boolean): Promise<void> => {
    const body = { spec: { paused } }
    await bench.client.patch(ClusterKind, key(clusterName), { type: "merge", body })
    await bench.settle()
  }
  await pause(true)
  const paused = await bench.client.get(MachineKind, key("cp"))
  expect(findCondition(paused, "Paused")).toMatchObject({
    status: "True",
    message: "Cluster spec.paused is set to true",
  })

  await provideBootstrap(bench, "cp")
  expect((await bench.client.get(MachineKind, key("cp"))).status?.phase).toBe("Pending")
  await bench.client.delete(MachineKind, key("cp"))
  await bench.settle()
  expect(await bench.client.find(DevMachineKind, key("cp"))).toBeDefined()

  await pause(false)
  await bench.until(MachineKind, "cp", (machine) => machine === undefined)
})

test("a kind that no CRD serves is named", async () => {
  await using bench = await Bench.start()
  await makeCluster(bench)
  const infrastructureRef = { apiGroup: "example.com", kind: "MoonMachine", name: "cp" }
  await makeMachine(bench, aMachine("cp", { spec: { infrastructureRef } }))
  const machine = await bench.client.get(MachineKind, key("cp"))
  expect(findCondition(machine, "InfrastructureReady")).toMatchObject({
    status: "Unknown",
    message: "find kind MoonMachine.example.com: no CRD serves it",
  })
})

test("a Machine whose Cluster comes later waits for it", async () => {
  await using bench = await Bench.start()
  await makeMachine(bench, aMachine("cp", { isControlPlane: true }))
  expect((await bench.client.get(MachineKind, key("cp"))).status?.phase).toBe("Pending")
  await makeCluster(bench)
  await bringUp(bench, "cp")
})
