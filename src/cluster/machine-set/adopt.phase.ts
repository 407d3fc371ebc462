import { isControlPlane, MachineKind, MachineSetKind } from "#apis"
import { ownerReference } from "#contract"
import { done, type Outcome } from "#controller"
import { clusterToJoin, joinCluster, waitForCluster } from "../join-cluster.ts"
import { orphansOf } from "../orphans.ts"
import { isStandalone, type MachineSetScope } from "./machine-set-access.ts"

/**
 * Nothing is done for a set whose Cluster does not exist; a standalone one gets it as its owner.
 */
export async function adopt(scope: MachineSetScope): Promise<Outcome> {
  const cluster = clusterToJoin(scope)
  if (!cluster) return waitForCluster(scope.object)
  if (isStandalone(scope.object)) await joinCluster(scope, cluster)
  return done
}

/** Takes over Machines that match and that nobody controls. */
export async function adoptMachines(scope: MachineSetScope): Promise<Outcome> {
  const owner = ownerReference(MachineSetKind, scope.object, { controller: true })
  for (const machine of orphansOf(scope.object, scope.read(MachineKind))) {
    if (isControlPlane(machine)) continue
    const { namespace, name, uid } = machine.metadata
    await scope.apply(MachineKind, {
      metadata: { namespace, name, uid, ownerReferences: [owner] },
    })
    scope.event("Normal", "SuccessfulAdopt", `Adopted Machine ${name}`)
  }
  return done
}
