import { type Cluster, ClusterKind, label, type MachineDeployment, type MachineSet } from "#apis"
import { ownerReference, withOwner } from "#contract"
import { type Draft, type Outcome, waitFor } from "#controller"
import { isOrphaningDependents, type ObjectMeta } from "#meta"
import { clusterOf, type MemberScope } from "./cluster-of.ts"
import type { ReferringScope } from "./external-object.ts"
import { ownTemplates, readTemplates } from "./machine-templates.ts"

/** What a phase answers whose object names a Cluster that is not there. */
export function waitForCluster({ spec }: MemberScope["object"]): Outcome {
  return waitFor("ClusterDoesNotExist", { message: `Cluster ${spec.clusterName} does not exist` })
}

/**
 * The Cluster that the object names and may belong to: not one that is being deleted and leaves
 * behind what it owns. Whoever took that as its owner now would be collected once it is gone.
 */
export function clusterToJoin(scope: MemberScope): Cluster | undefined {
  const cluster = clusterOf(scope)
  return cluster && !isOrphaningDependents(cluster) ? cluster : undefined
}

interface JoiningScope extends ReferringScope {
  readonly object: MachineSet | MachineDeployment
  edit(change: (draft: { metadata: Draft<ObjectMeta> }) => void): void
}

/** Makes the Cluster an owner of the set or deployment, and of the templates that this names. */
export async function joinCluster(scope: JoiningScope, cluster: Cluster): Promise<void> {
  scope.edit(({ metadata }) => {
    metadata.labels = { ...metadata.labels, [label.clusterName]: cluster.metadata.name }
    const owner = ownerReference(ClusterKind, cluster)
    metadata.ownerReferences = [...withOwner(metadata.ownerReferences, owner)]
  })
  const { template } = scope.object.spec
  await ownTemplates(scope, cluster, template, await readTemplates(scope, template))
}
