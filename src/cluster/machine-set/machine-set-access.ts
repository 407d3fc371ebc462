import { ClusterKind, type Machine, MachineKind, type MachineSet, MachineSetKind } from "#apis"

import { defineAccess, type ScopeOf } from "#controller"
import { controllerOf } from "#meta"

export const machineSetAccess = defineAccess({
  name: "machineset",
  primary: MachineSetKind,
  reads: [ClusterKind, MachineKind],
  writes: [MachineKind, MachineSetKind],
  contracts: true,
})

export type MachineSetScope = ScopeOf<typeof machineSetAccess>

/** The Machines that the set controls, those that are being deleted included. */
export function machinesOf(scope: MachineSetScope): readonly Machine[] {
  const { uid = "" } = scope.object.metadata
  return scope
    .read(MachineKind)
    .ownedBy(uid)
    .filter((machine) => controllerOf(machine)?.uid === uid)
}

/** A set that no MachineDeployment takes care of. */
export function isStandalone(machineSet: MachineSet): boolean {
  return controllerOf(machineSet) === undefined
}
