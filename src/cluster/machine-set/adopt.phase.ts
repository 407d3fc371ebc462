import { ClusterKind, isControlPlane, label, MachineKind, MachineSetKind } from "#apis"
import { ownerReference, withOwner } from "#contract"
import { done, type Outcome, waitFor } from "#controller"
import { controllerOf, matchesSelector, selectorOf } from "#meta"
import { ownTemplates, readTemplates } from "../machine-templates.ts"
import { clusterOf, isStandalone, type MachineSetScope } from "./machine-set-access.ts"

/**
 * Nothing is done for a set whose Cluster does not exist; a standalone one gets it as its owner.
 */
export async function adopt(scope: MachineSetScope): Promise<Outcome> {
  const machineSet = scope.object
  const { clusterName, template } = machineSet.spec
  const cluster = clusterOf(scope)
  if (!cluster) {
    return waitFor("ClusterDoesNotExist", { message: `Cluster ${clusterName} does not exist` })
  }
  if (!isStandalone(machineSet)) return done
  scope.edit(({ metadata }) => {
    metadata.labels = { ...metadata.labels, [label.clusterName]: clusterName }
    const owner = ownerReference(ClusterKind, cluster)
    metadata.ownerReferences = [...withOwner(metadata.ownerReferences, owner)]
  })
  const templates = await readTemplates(scope, scope.key.namespace, template)
  await ownTemplates(scope, cluster, template, templates)
  return done
}

/** Takes over Machines that match and that nobody controls. */
export async function adoptMachines(scope: MachineSetScope): Promise<Outcome> {
  const machineSet = scope.object
  const { namespace } = scope.key
  const { clusterName } = machineSet.spec
  const selector = selectorOf(machineSet.spec.selector)
  if (!selector || machineSet.metadata.deletionTimestamp !== undefined) return done
  const orphans = scope
    .read(MachineKind)
    .labelled(label.clusterName, clusterName, namespace)
    .filter(
      (machine) =>
        controllerOf(machine) === undefined &&
        machine.metadata.deletionTimestamp === undefined &&
        !isControlPlane(machine) &&
        matchesSelector(selector, machine.metadata.labels),
    )
  for (const { metadata } of orphans) {
    const { name, uid } = metadata
    const owner = ownerReference(MachineSetKind, machineSet, { controller: true })
    await scope.apply(MachineKind, {
      metadata: { name, namespace, uid, ownerReferences: [owner] },
    })
    scope.event("Normal", "SuccessfulAdopt", `Adopted Machine ${name}`)
  }
  return done
}
