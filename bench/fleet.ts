import { setTimeout as delay } from "node:timers/promises"
import {
  ClusterKind,
  DevClusterKind,
  DevMachineKind,
  DevMachineTemplateKind,
  KubeadmConfigKind,
  KubeadmConfigTemplateKind,
  type Machine,
  MachineDeploymentKind,
  MachineKind,
} from "#apis"
import { Client, HttpTransport } from "#client"
import { systemClock } from "#base"
import { type ApiObject, isConditionTrue, type KindRef, kindApiVersion } from "#meta"
import { startPlane } from "./api/servers.ts"
import { usageOf } from "./process-usage.ts"
import type { Figure } from "./table.ts"

const clusterCount = 100
const workersEach = 3
const limitMs = 20 * 60 * 1000

/**
 * Time, CPU and memory for simulated clusters of 1 + 3 machines, from the first apply to all Ready.
 */
export async function fleetBenchmark(): Promise<readonly Figure[]> {
  const server = await startPlane()
  const { target, pids } = server
  const transport = new HttpTransport({
    server: target.url,
    clientCertificatePem: target.certificatePem,
    clientKeyPem: target.keyPem,
    caPem: target.caPem,
    clock: systemClock,
    userAgent: "bench",
  })
  try {
    const client = new Client(transport, { fieldManager: "bench" })
    const before = await usageOf(pids)
    const startedAt = performance.now()
    for (let index = 0; index < clusterCount; index += 1) {
      await createCluster(client, `c${String(index).padStart(4, "0")}`)
    }
    const createdMs = performance.now() - startedAt
    await allReady(client, startedAt)
    const wallSeconds = (performance.now() - startedAt) / 1000
    const after = await usageOf(pids)
    const cpuSeconds = after.cpuSeconds - before.cpuSeconds
    return [
      { name: `${clusterCount} clusters created`, unit: "s", ours: createdMs / 1000, more: false },
      { name: "wall to all Ready", unit: "s", ours: wallSeconds, more: false },
      {
        name: "wall per cluster",
        unit: "s",
        ours: wallSeconds / clusterCount,
        more: false,
      },
      { name: "CPU per cluster", unit: "s", ours: cpuSeconds / clusterCount, more: false },
      { name: "memory", unit: "MB", ours: after.rssMb, more: false },
    ]
  } finally {
    transport.close()
    await server.stop()
  }
}

async function allReady(client: Client, startedAt: number): Promise<void> {
  const wanted = clusterCount * (1 + workersEach)
  for (;;) {
    const machines = await client.listAll(MachineKind)
    const ready = machines.filter((machine) => isReady(machine)).length
    if (ready === wanted && (await areAvailable(client))) return
    if (performance.now() - startedAt > limitMs) {
      throw new Error(`wait for the fleet: ${ready} of ${wanted} machines are Ready`)
    }
    await delay(500)
  }
}

/** The Clusters and their deployments say so too. */
async function areAvailable(client: Client): Promise<boolean> {
  const clusters = await client.listAll(ClusterKind)
  const deployments = await client.listAll(MachineDeploymentKind)
  return (
    clusters.every((cluster) => isConditionTrue(cluster, "Available")) &&
    deployments.every(
      (deployment) =>
        isConditionTrue(deployment, "Available") &&
        deployment.status?.availableReplicas === workersEach,
    )
  )
}

function isReady(machine: Machine): boolean {
  return (
    machine.status?.phase === "Running" &&
    isConditionTrue(machine, "Ready") &&
    isConditionTrue(machine, "Available") &&
    isConditionTrue(machine, "NodeReady")
  )
}

const inMemory = { backend: { inMemory: {} } }
const clusterLabel = "cluster.x-k8s.io/cluster-name"

/**
 * One cluster as upstream's in-memory templates make it, with a standalone control plane Machine.
 */
async function createCluster(client: Client, name: string): Promise<void> {
  const reference = (kind: KindRef, target: string): object => ({
    apiGroup: kind.group,
    kind: kind.kind,
    name: target,
  })
  const version = "v1.34.4"
  const labels = { [clusterLabel]: name, "cluster.x-k8s.io/control-plane": "" }
  await create(client, DevClusterKind, { name }, inMemory)
  await create(
    client,
    ClusterKind,
    { name },
    {
      clusterNetwork: {
        services: { cidrBlocks: ["10.128.0.0/12"] },
        pods: { cidrBlocks: ["192.168.0.0/16"] },
        serviceDomain: "cluster.local",
      },
      infrastructureRef: reference(DevClusterKind, name),
    },
  )
  await create(client, DevMachineKind, { name: `${name}-cp` }, inMemory)
  await create(
    client,
    KubeadmConfigKind,
    { name: `${name}-cp` },
    {
      initConfiguration: {
        nodeRegistration: { criSocket: "unix:///run/containerd/containerd.sock" },
      },
    },
  )
  await create(
    client,
    MachineKind,
    { name: `${name}-cp`, labels },
    {
      clusterName: name,
      version,
      bootstrap: { configRef: reference(KubeadmConfigKind, `${name}-cp`) },
      infrastructureRef: reference(DevMachineKind, `${name}-cp`),
    },
  )
  await create(
    client,
    DevMachineTemplateKind,
    { name: `${name}-md-0` },
    {
      template: { spec: inMemory },
    },
  )
  await create(
    client,
    KubeadmConfigTemplateKind,
    { name: `${name}-md-0` },
    {
      template: {
        spec: {
          joinConfiguration: {
            nodeRegistration: { criSocket: "unix:///run/containerd/containerd.sock" },
          },
        },
      },
    },
  )
  await create(
    client,
    MachineDeploymentKind,
    { name: `${name}-md-0` },
    {
      clusterName: name,
      replicas: workersEach,
      selector: { matchLabels: {} },
      template: {
        spec: {
          clusterName: name,
          version,
          bootstrap: { configRef: reference(KubeadmConfigTemplateKind, `${name}-md-0`) },
          infrastructureRef: reference(DevMachineTemplateKind, `${name}-md-0`),
        },
      },
    },
  )
}

async function create(
  client: Client,
  kind: KindRef,
  metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> },
  spec: object,
): Promise<void> {
  const object = {
    apiVersion: kindApiVersion(kind),
    kind: kind.kind,
    metadata: { ...metadata, namespace: "default" },
    spec,
  }
  await client.create(kind as KindRef<ApiObject>, object)
}
