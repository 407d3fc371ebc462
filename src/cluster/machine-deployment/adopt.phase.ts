import { ClusterKind, label, MachineDeploymentKind, MachineSetKind } from "#apis"
import { ownerReference, withOwner } from "#contract"
import { done, type Outcome, waitFor } from "#controller"
import { controllerOf, matchesSelector, selectorOf } from "#meta"
import { ownTemplates, readTemplates } from "../machine-templates.ts"
import { clusterOf, type MachineDeploymentScope } from "./machine-deployment-access.ts"

/** Nothing is done for a deployment whose Cluster does not exist; else it gets it as its owner. */
export async function adopt(scope: MachineDeploymentScope): Promise<Outcome> {
  const { clusterName, template } = scope.object.spec
  const cluster = clusterOf(scope)
  if (!cluster) {
    return waitFor("ClusterDoesNotExist", { message: `Cluster ${clusterName} does not exist` })
  }
  scope.edit(({ metadata }) => {
    metadata.labels = { ...metadata.labels, [label.clusterName]: clusterName }
    const owner = ownerReference(ClusterKind, cluster)
    metadata.ownerReferences = [...withOwner(metadata.ownerReferences, owner)]
  })
  const templates = await readTemplates(scope, scope.key.namespace, template)
  await ownTemplates(scope, cluster, template, templates)
  return done
}

/** Takes over sets that match and that nobody controls. */
export async function adoptMachineSets(scope: MachineDeploymentScope): Promise<Outcome> {
  const deployment = scope.object
  const { namespace } = scope.key
  const { selector: source, clusterName } = deployment.spec
  const selector = selectorOf(source)
  if (!selector || selector.length === 0) return done
  const orphans = scope
    .read(MachineSetKind)
    .labelled(label.clusterName, clusterName, namespace)
    .filter(
      (machineSet) =>
        controllerOf(machineSet) === undefined &&
        machineSet.metadata.deletionTimestamp === undefined &&
        matchesSelector(selector, machineSet.metadata.labels),
    )
  for (const { metadata } of orphans) {
    const { name, uid } = metadata
    const owner = ownerReference(MachineDeploymentKind, deployment, { controller: true })
    await scope.apply(MachineSetKind, {
      metadata: { name, namespace, uid, ownerReferences: [owner] },
    })
    scope.event("Normal", "SuccessfulAdopt", `Adopted MachineSet ${name}`)
  }
  return done
}
