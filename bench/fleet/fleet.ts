import { setTimeout as delay } from "node:timers/promises"
import { ClusterKind, type Machine, MachineDeploymentKind, MachineKind } from "#apis"
import type { Client } from "#client"
import { isConditionTrue } from "#meta"
import { withPlane } from "../plane-client.ts"
import { usageOf } from "../process-usage.ts"
import type { Figure } from "../table.ts"
import { createCluster } from "./cluster-objects.ts"

const clusterCount = 100
const workersEach = 3
const limitMs = 20 * 60 * 1000

/**
 * Time, CPU and memory for simulated clusters of 1 + 3 machines, from the first apply to all Ready.
 */
export async function fleetBenchmark(): Promise<readonly Figure[]> {
  return await withPlane(async (client, pids) => {
    const before = await usageOf(pids)
    const startedAt = performance.now()
    for (let index = 0; index < clusterCount; index += 1) {
      await createCluster(client, `c${String(index).padStart(4, "0")}`, workersEach)
    }
    const createdMs = performance.now() - startedAt
    await allReady(client, startedAt)
    const wallSeconds = (performance.now() - startedAt) / 1000
    const after = await usageOf(pids)
    const cpuSeconds = after.cpuSeconds - before.cpuSeconds
    return [
      { name: `${clusterCount} clusters created`, unit: "s", ours: createdMs / 1000, more: false },
      { name: "wall to all Ready", unit: "s", ours: wallSeconds, more: false },
      { name: "wall per cluster", unit: "s", ours: wallSeconds / clusterCount, more: false },
      { name: "CPU per cluster", unit: "s", ours: cpuSeconds / clusterCount, more: false },
      { name: "memory", unit: "MB", ours: after.rssMb, more: false },
    ]
  })
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
    ["Ready", "Available", "NodeReady"].every((type) => isConditionTrue(machine, type))
  )
}
