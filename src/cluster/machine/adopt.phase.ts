import { ClusterKind, label, type Machine } from "#apis"
import { ownerReference, withOwner } from "#contract"
import { done, type Outcome, waitFor } from "#controller"
import { controllerOf } from "#meta"
import { clusterOf, type MachineScope } from "./machine-access.ts"

/**
 * Nothing is done for a Machine whose Cluster does not exist; a standalone one gets it as its
 * owner.
 */
export function adopt(scope: MachineScope): Outcome {
  const { clusterName } = scope.object.spec
  const cluster = clusterOf(scope)
  if (!cluster) {
    return waitFor("ClusterDoesNotExist", { message: `Cluster ${clusterName} does not exist` })
  }
  scope.edit((draft) => {
    const { metadata } = draft
    metadata.labels = { ...metadata.labels, [label.clusterName]: clusterName }
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
