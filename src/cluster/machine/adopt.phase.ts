import { ClusterKind, label, type Machine } from "#apis"
import { ownerReference, withOwner } from "#contract"
import { done, type Outcome } from "#controller"
import { controllerOf } from "#meta"
import { clusterToJoin, waitForCluster } from "../join-cluster.ts"
import type { MachineScope } from "./machine-access.ts"

/**
 * Nothing is done for a Machine whose Cluster does not exist; a standalone one gets it as its
 * owner.
 */
export function adopt(scope: MachineScope): Outcome {
  const cluster = clusterToJoin(scope)
  if (!cluster) return waitForCluster(scope.object)
  scope.edit(({ metadata }) => {
    metadata.labels = { ...metadata.labels, [label.clusterName]: cluster.metadata.name }
    if (!isStandalone(scope.object)) return
    const owner = ownerReference(ClusterKind, cluster)
    metadata.ownerReferences = [...withOwner(metadata.ownerReferences, owner)]
  })
  return done
}

/** Owned by nobody else, and not about to be. */
function isStandalone(machine: Machine): boolean {
  const { labels = {} } = machine.metadata
  const owners = [label.setName, label.poolName, label.controlPlaneName]
  return !controllerOf(machine) && owners.every((name) => labels[name] === undefined)
}
