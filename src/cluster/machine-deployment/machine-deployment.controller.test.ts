import {
  ClusterKind,
  DevMachineKind,
  KubeadmConfigKind,
  MachineDeploymentKind,
  MachineKind,
  MachineSetKind,
} from "#apis"
import { findCondition } from "#meta"
import { expect, test } from "vitest"
import { Bench, clusterName, namespace } from "../testing/bench.ts"
import {
  aDeployment,
  aMachine,
  bringAllUp,
  bringUp,
  key,
  makeCluster,
  makeDeployment,
  makeMachine,
} from "../testing/objects.ts"

test("a MachineDeployment of three makes three Machines that run, and the Cluster counts them", async () => {
  await using bench = await Bench.start()
  await makeCluster(bench)
  await makeMachine(bench, aMachine("cp", { isControlPlane: true }))
  await bringUp(bench, "cp")

  await makeDeployment(bench, aDeployment("md", 3))
  await bringAllUp(bench)

  const deployment = await bench.client.get(MachineDeploymentKind, key("md"))
  expect(deployment.status).toMatchObject({
    phase: "Running",
    replicas: 3,
    readyReplicas: 3,
    availableReplicas: 3,
    upToDateReplicas: 3,
    versions: [{ version: "v1.34.4", replicas: 3 }],
  })
  for (const type of ["Available", "MachinesReady", "MachinesUpToDate"]) {
    expect(findCondition(deployment, type), type).toMatchObject({ status: "True" })
  }
  for (const type of ["RollingOut", "ScalingUp", "ScalingDown"]) {
    expect(findCondition(deployment, type), type).toMatchObject({ status: "False" })
  }
  const machines = await bench.client.listAll(MachineKind, { namespace })
  expect(machines.map((machine) => machine.status?.phase)).toEqual(Array(4).fill("Running"))
  expect(await bench.client.listAll(DevMachineKind, { namespace })).toHaveLength(4)
  expect(await bench.client.listAll(KubeadmConfigKind, { namespace })).toHaveLength(4)
  const cluster = await bench.client.get(ClusterKind, key(clusterName))
  expect(cluster.status?.workers).toMatchObject({ desiredReplicas: 3, availableReplicas: 3 })
  expect(findCondition(cluster, "WorkersAvailable")).toMatchObject({ status: "True" })
  expect(findCondition(cluster, "Available")).toMatchObject({ status: "True" })
  const [machineSet] = await bench.client.listAll(MachineSetKind, { namespace })
  expect(machineSet?.spec.replicas).toBe(3)
})
