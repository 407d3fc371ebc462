import {
  ClusterKind,
  DevMachineKind,
  DevMachineTemplateKind,
  KubeadmConfigKind,
  type Machine,
  MachineDeploymentKind,
  MachineKind,
  MachineSetKind,
} from "#apis"
import { findCondition, isConditionTrue } from "#meta"
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
  makeTemplates,
} from "../testing/objects.ts"

/** A cluster with a control plane and a deployment whose Machines all run. */
async function runningDeployment(
  replicas: number,
  spec: Parameters<typeof aDeployment>[2] = {},
): Promise<Bench> {
  const bench = await Bench.start()
  await makeCluster(bench)
  await makeMachine(bench, aMachine("cp", { isControlPlane: true }))
  await bringUp(bench, "cp")
  await makeDeployment(bench, aDeployment("md", replicas, spec))
  await bringAllUp(bench)
  return bench
}

async function change(bench: Bench, body: object): Promise<void> {
  await bench.client.patch(MachineDeploymentKind, key("md"), { type: "merge", body })
  await bench.settle()
}

/** Its Machines, oldest name first, without those that are going. */
async function machinesOf(bench: Bench): Promise<readonly Machine[]> {
  const machines = await bench.client.listAll(MachineKind, {
    namespace,
    labelSelector: "cluster.x-k8s.io/deployment-name=md",
  })
  return machines.filter(({ metadata }) => metadata.deletionTimestamp === undefined)
}

async function untilComplete(bench: Bench, replicas: number, version: string): Promise<void> {
  for (;;) {
    await bringAllUp(bench)
    const { status } = await bench.client.get(MachineDeploymentKind, key("md"))
    const isAlone = status?.replicas === replicas && status.upToDateReplicas === replicas
    const machines = await machinesOf(bench)
    if (isAlone && machines.every(({ spec }) => spec.version === version)) return
    await bench.advance(1_000)
  }
}

test("a MachineDeployment of three makes three Machines that run, and the Cluster counts them", async () => {
  await using bench = await runningDeployment(3)

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

test("a deployment that shrinks gives a Machine up, and one that grows makes another", async () => {
  await using bench = await runningDeployment(2)
  const before = (await machinesOf(bench)).map(({ metadata }) => metadata.name)
  const [marked = ""] = before
  await bench.client.patch(MachineKind, key(marked), {
    type: "merge",
    body: { metadata: { annotations: { "cluster.x-k8s.io/delete-machine": "" } } },
  })

  await change(bench, { spec: { replicas: 1 } })
  await bench.until(MachineKind, marked, (machine) => machine === undefined)
  expect((await machinesOf(bench)).map(({ metadata }) => metadata.name)).toEqual(before.slice(1))
  expect(await bench.client.find(DevMachineKind, key(marked))).toBeUndefined()

  await change(bench, { spec: { replicas: 3 } })
  await bringAllUp(bench)
  const after = (await machinesOf(bench)).map(({ metadata }) => metadata.name)
  expect(after).toHaveLength(3)
  expect(after).not.toContain(marked)
})

test("a new version is rolled out one Machine at a time, and the old set goes", async () => {
  await using bench = await runningDeployment(2)
  const [old] = await bench.client.listAll(MachineSetKind, { namespace })

  await change(bench, { spec: { template: { spec: { version: "v1.34.5" } } } })
  const during = await bench.client.get(MachineDeploymentKind, key("md"))
  expect(during.metadata.annotations).toMatchObject({
    "machinedeployment.clusters.x-k8s.io/revision": "2",
  })
  expect(findCondition(during, "RollingOut")).toMatchObject({
    status: "True",
    message: "Rolling out 2 not up-to-date replicas\n* Version v1.34.4, v1.34.5 required",
  })
  expect(await machinesOf(bench)).toHaveLength(3)

  await untilComplete(bench, 2, "v1.34.5")
  await bench.until(MachineSetKind, old?.metadata.name ?? "", (found) => found === undefined)
  const [current, ...others] = await bench.client.listAll(MachineSetKind, { namespace })
  expect(others).toEqual([])
  expect(current?.spec).toMatchObject({ replicas: 2, template: { spec: { version: "v1.34.5" } } })
  const after = await bench.client.get(MachineDeploymentKind, key("md"))
  expect(isConditionTrue(after, "RollingOut")).toBe(false)
})

test("with OnDelete a Machine is replaced only when somebody deletes it", async () => {
  await using bench = await runningDeployment(2, { rollout: { strategy: { type: "OnDelete" } } })
  await change(bench, { spec: { template: { spec: { version: "v1.34.5" } } } })
  const before = await machinesOf(bench)
  expect(before.map(({ spec }) => spec.version)).toEqual(["v1.34.4", "v1.34.4"])

  const name = before[0]?.metadata.name ?? ""
  await bench.client.delete(MachineKind, key(name))
  await bench.until(MachineKind, name, (machine) => machine === undefined)
  const versions = (await machinesOf(bench)).map(({ spec }) => spec.version)
  expect(versions.sort()).toEqual(["v1.34.4", "v1.34.5"])
})

test("labels and annotations change in place, on Machines and on what they refer to", async () => {
  await using bench = await runningDeployment(1)
  const [before] = await machinesOf(bench)
  const name = before?.metadata.name ?? ""
  const metadata = { labels: { tier: "edge" }, annotations: { note: "one" } }
  await change(bench, {
    spec: { template: { metadata, spec: { minReadySeconds: 5 } } },
  })
  const objects = async () => [
    await bench.client.get(MachineKind, key(name)),
    await bench.client.get(DevMachineKind, key(name)),
    await bench.client.get(KubeadmConfigKind, key(name)),
  ]
  for (const object of await objects()) expect(object.metadata).toMatchObject(metadata)
  expect((await bench.client.get(MachineKind, key(name))).spec.minReadySeconds).toBe(5)

  await change(bench, {
    spec: {
      template: {
        metadata: { labels: { tier: null }, annotations: null },
        spec: { minReadySeconds: null },
      },
    },
  })
  for (const object of await objects()) {
    expect(object.metadata.labels, object.kind).not.toHaveProperty("tier")
    expect(object.metadata.annotations ?? {}, object.kind).not.toHaveProperty("note")
  }
  const machine = await bench.client.get(MachineKind, key(name))
  expect(machine.spec.minReadySeconds).toBeUndefined()
  expect(machine.metadata.uid).toBe(before?.metadata.uid)
  const [clone] = [await bench.client.get(DevMachineKind, key(name))]
  expect(clone?.metadata.annotations).toMatchObject({
    "cluster.x-k8s.io/cloned-from-name": "md",
    "cluster.x-k8s.io/cloned-from-groupkind": "DevMachineTemplate.infrastructure.cluster.x-k8s.io",
  })
})

test("a deployment without its templates says so, and goes on when they are there", async () => {
  await using bench = await Bench.start()
  await makeCluster(bench)
  await bench.client.create(MachineDeploymentKind, aDeployment("md", 1))
  await bench.settle()
  const deployment = await bench.client.get(MachineDeploymentKind, key("md"))
  expect(findCondition(deployment, "ScalingUp")).toMatchObject({
    status: "True",
    message:
      "Scaling up from 0 to 1 replicas is blocked because:\n" +
      "* KubeadmConfigTemplate md does not exist\n* DevMachineTemplate md does not exist",
  })

  await makeTemplates(bench, "md")
  await bench.settle()
  expect(await machinesOf(bench)).toHaveLength(1)
  const template = await bench.client.get(DevMachineTemplateKind, key("md"))
  expect(template.metadata.ownerReferences).toMatchObject([{ kind: "Cluster", name: clusterName }])
})

test("a deployment whose Cluster is not there says so", async () => {
  await using bench = await Bench.start()
  await bench.client.create(MachineDeploymentKind, aDeployment("md", 1))
  await bench.settle()

  const deployment = await bench.client.get(MachineDeploymentKind, key("md"))
  expect(findCondition(deployment, "ScalingUp")?.message).toBe(
    `Scaling up from 0 to 1 replicas is blocked because:\n* Cluster ${clusterName} does not exist`,
  )
})

test("a paused deployment scales, and rolls out when it goes on", async () => {
  await using bench = await runningDeployment(1)
  await change(bench, {
    spec: { paused: true, replicas: 2, template: { spec: { version: "v1.34.5" } } },
  })
  const machines = await machinesOf(bench)
  expect(machines.map(({ spec }) => spec.version)).toEqual(["v1.34.4", "v1.34.4"])
  await bringAllUp(bench)
  await change(bench, { spec: { paused: false } })
  await untilComplete(bench, 2, "v1.34.5")
})

test("a deployment that is deleted with orphans leaves its sets and Machines", async () => {
  await using bench = await runningDeployment(2)

  await bench.client.delete(MachineDeploymentKind, key("md"), { propagationPolicy: "Orphan" })
  await bench.settle()

  // The rest is the garbage collector's, which takes the references off.
  const { metadata } = await bench.client.get(MachineDeploymentKind, key("md"))
  expect(metadata.finalizers).toEqual(["orphan"])
  expect(await machinesOf(bench)).toHaveLength(2)
  const [machineSet] = await bench.client.listAll(MachineSetKind, { namespace })
  expect(machineSet?.metadata.deletionTimestamp).toBeUndefined()
})

test("nothing takes a Cluster as its owner that is deleted with orphans", async () => {
  await using bench = await runningDeployment(1)
  await bench.client.delete(ClusterKind, key(clusterName), { propagationPolicy: "Orphan" })
  await bench.settle()

  // As the garbage collector does.
  const body = { metadata: { ownerReferences: null } }
  await bench.client.patch(MachineDeploymentKind, key("md"), { type: "merge", body })
  await bench.client.patch(MachineKind, key("cp"), { type: "merge", body })
  await bench.settle()

  const { metadata } = await bench.client.get(ClusterKind, key(clusterName))
  const deployment = await bench.client.get(MachineDeploymentKind, key("md"))
  const controlPlane = await bench.client.get(MachineKind, key("cp"))
  expect(metadata.finalizers).toEqual(["orphan"])
  expect(deployment.metadata.ownerReferences).toBeUndefined()
  expect(controlPlane.metadata.ownerReferences).toBeUndefined()
  expect(await machinesOf(bench)).toHaveLength(1)
})

test("a deployment that is deleted takes its sets and Machines along", async () => {
  await using bench = await runningDeployment(2)
  await bench.client.delete(MachineDeploymentKind, key("md"))
  await bench.until(MachineDeploymentKind, "md", (found) => found === undefined)
  expect(await machinesOf(bench)).toEqual([])
  expect(await bench.client.listAll(MachineSetKind, { namespace })).toEqual([])
  expect(await bench.client.listAll(DevMachineKind, { namespace })).toHaveLength(1)
})
