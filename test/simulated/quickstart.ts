import { readFileSync } from "node:fs"
import { join } from "node:path"
import {
  type Cluster,
  ClusterKind,
  type Machine,
  type MachineDeployment,
  MachineDeploymentKind,
  MachineKind,
} from "#apis"
import { isConditionTrue } from "#meta"
import type { Management } from "./management.ts"

/** What `npm start` applies: one control plane machine and a deployment of three workers. */
export const quickstart = readFileSync(
  join(import.meta.dirname, "../../examples/quickstart.yaml"),
  "utf8",
)
export const quickstartName = "quickstart"
export const controlPlaneName = "quickstart-control-plane-0"
export const deploymentName = "quickstart-workers"

const clusterConditions = [
  "Available",
  "RemoteConnectionProbe",
  "ControlPlaneAvailable",
  "WorkersAvailable",
  "ControlPlaneMachinesReady",
  "WorkerMachinesReady",
]

/** Every condition, counter and phase that says so. */
export function isClusterReady(cluster: Cluster, workers: number): boolean {
  const { phase, controlPlane, workers: counted } = cluster.status ?? {}
  return (
    phase === "Provisioned" &&
    clusterConditions.every((type) => isConditionTrue(cluster, type)) &&
    controlPlane?.readyReplicas === 1 &&
    controlPlane.availableReplicas === 1 &&
    counted?.readyReplicas === workers &&
    counted.availableReplicas === workers
  )
}

export function isDeploymentReady(deployment: MachineDeployment, workers: number): boolean {
  const { phase, replicas, readyReplicas, availableReplicas, upToDateReplicas } =
    deployment.status ?? {}
  return (
    phase === "Running" &&
    isConditionTrue(deployment, "Available") &&
    [replicas, readyReplicas, availableReplicas, upToDateReplicas].every(
      (count) => count === workers,
    )
  )
}

export function isMachineReady(machine: Machine): boolean {
  return (
    machine.status?.phase === "Running" &&
    ["Ready", "Available", "NodeReady"].every((type) => isConditionTrue(machine, type))
  )
}

/** Waits until the quickstart has so many workers and all of it is Ready; answers its Machines. */
export async function untilReady(
  management: Management,
  workers: number,
): Promise<readonly Machine[]> {
  await management.until(MachineDeploymentKind, deploymentName, (deployment) =>
    isDeploymentReady(deployment, workers),
  )
  await management.until(ClusterKind, quickstartName, (cluster) => isClusterReady(cluster, workers))
  return await management.client.listAll(MachineKind)
}
