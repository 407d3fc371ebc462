import { MachineDeploymentKind, MachineSetKind } from "#apis"
import { ownerReference } from "#contract"
import { done, type Outcome } from "#controller"
import { clusterToJoin, joinCluster, waitForCluster } from "../join-cluster.ts"
import { orphansOf } from "../orphans.ts"
import type { MachineDeploymentScope } from "./machine-deployment-access.ts"

/** Nothing is done for a deployment whose Cluster does not exist; else it gets it as its owner. */
export async function adopt(scope: MachineDeploymentScope): Promise<Outcome> {
  const cluster = clusterToJoin(scope)
  if (!cluster) return waitForCluster(scope.object)
  await joinCluster(scope, cluster)
  return done
}

/** Takes over sets that match and that nobody controls. */
export async function adoptMachineSets(scope: MachineDeploymentScope): Promise<Outcome> {
  const owner = ownerReference(MachineDeploymentKind, scope.object, { controller: true })
  for (const { metadata } of orphansOf(scope.object, scope.read(MachineSetKind))) {
    const { namespace, name, uid } = metadata
    await scope.apply(MachineSetKind, {
      metadata: { namespace, name, uid, ownerReferences: [owner] },
    })
    scope.event("Normal", "SuccessfulAdopt", `Adopted MachineSet ${name}`)
  }
  return done
}
