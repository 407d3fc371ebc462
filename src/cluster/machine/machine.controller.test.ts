import { ClusterKind, DevMachineKind, KubeadmConfigKind, MachineKind, NodeKind } from "#apis"
import { findCondition } from "#meta"
import { expect, test } from "vitest"
import { Bench, clusterName } from "../testing/bench.ts"
import {
  aMachine,
  aNode,
  key,
  makeCluster,
  makeMachine,
  makeNode,
  provideBootstrap,
  provideInfrastructure,
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
