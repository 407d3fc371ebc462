import { MachineDeploymentKind, MachineKind, MachineSetKind } from "#apis"
import { isOwnedBy, listText } from "#contract"
import { done, type Outcome, waitFor } from "#controller"
import type { ApiObject } from "#meta"
import { deleteExternal } from "../external-object.ts"
import { type ClusterScope, type Descendants, descendantsOf } from "./cluster-access.ts"

/**
 * Deletes what makes Machines, then waits until no Machine is left that nobody else takes care of.
 */
export async function deleteWorkers(scope: ClusterScope): Promise<Outcome> {
  const cluster = scope.object
  const before = descendantsOf(scope)
  const isDue = (object: ApiObject): boolean =>
    isOwnedBy(object, cluster) && object.metadata.deletionTimestamp === undefined
  for (const each of before.deployments.filter(isDue)) {
    await scope.delete(MachineDeploymentKind, each, { propagationPolicy: "Background" })
  }
  for (const each of before.machineSets.filter(isDue)) {
    await scope.delete(MachineSetKind, each, { propagationPolicy: "Background" })
  }
  const machines = cluster.spec.controlPlaneRef
    ? before.workerMachines
    : [...before.workerMachines, ...before.controlPlaneMachines]
  for (const each of machines.filter(isDue)) {
    await scope.delete(MachineKind, each, { propagationPolicy: "Background" })
  }
  const lines = remaining(descendantsOf(scope), cluster.spec.controlPlaneRef !== undefined)
  if (lines.length === 0) return done
  return waitFor("WaitingForWorkersDeletion", { message: lines.join("\n") })
}

function remaining(descendants: Descendants, hasControlPlane: boolean): readonly string[] {
  const { controlPlaneMachines, deployments, machineSets, workerMachines } = descendants
  const groups: readonly (readonly [string, readonly ApiObject[]])[] = [
    ["Control plane Machines", hasControlPlane ? [] : controlPlaneMachines],
    ["MachineDeployments", deployments],
    ["MachineSets", machineSets],
    ["Worker Machines", workerMachines],
  ]
  return groups
    .filter(([, objects]) => objects.length > 0)
    .map(([title, objects]) => {
      const names = objects.map((object) => object.metadata.name).sort()
      return `* ${title}: ${listText(names)}`
    })
}

export async function deleteControlPlane(scope: ClusterScope): Promise<Outcome> {
  const { controlPlaneRef } = scope.object.spec
  if (!controlPlaneRef) return done
  return deleteExternal(scope, controlPlaneRef, "WaitingForControlPlaneDeletion")
}

export async function deleteInfrastructure(scope: ClusterScope): Promise<Outcome> {
  const { infrastructureRef } = scope.object.spec
  if (!infrastructureRef) return done
  return deleteExternal(scope, infrastructureRef, "WaitingForInfrastructureDeletion")
}

export function announceDeletion(scope: ClusterScope): Outcome {
  scope.event("Normal", "Deleted", `Cluster ${scope.key.name} has been deleted`)
  return done
}
