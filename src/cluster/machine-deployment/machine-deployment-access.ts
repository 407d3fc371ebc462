import {
  ClusterKind,
  label,
  type Machine,
  MachineDeploymentKind,
  MachineKind,
  type MachineSet,
  MachineSetKind,
} from "#apis"
import { defineAccess, type ScopeOf } from "#controller"
import { controllerOf } from "#meta"

export const machineDeploymentAccess = defineAccess({
  name: "machinedeployment",
  primary: MachineDeploymentKind,
  reads: [ClusterKind, MachineKind, MachineSetKind],
  writes: [MachineSetKind],
  contracts: true,
})

export type MachineDeploymentScope = ScopeOf<typeof machineDeploymentAccess>

/** The sets that the deployment controls, oldest first. */
export function machineSetsOf(scope: MachineDeploymentScope): readonly MachineSet[] {
  const { uid = "" } = scope.object.metadata
  return scope
    .read(MachineSetKind)
    .ownedBy(uid)
    .filter((machineSet) => controllerOf(machineSet)?.uid === uid)
    .toSorted(compareAges)
}

/** The Machines of these sets. */
export function machinesOf(scope: MachineDeploymentScope): readonly Machine[] {
  const { namespace, name } = scope.key
  const uids = new Set(machineSetsOf(scope).map((machineSet) => machineSet.metadata.uid))
  return scope
    .read(MachineKind)
    .labelled(label.deploymentName, name, namespace)
    .filter((machine) => uids.has(controllerOf(machine)?.uid))
}

function compareAges({ metadata: left }: MachineSet, { metadata: right }: MachineSet): number {
  const byTime = (left.creationTimestamp ?? "").localeCompare(right.creationTimestamp ?? "")
  return byTime || left.name.localeCompare(right.name)
}
