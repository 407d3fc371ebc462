import {
  type Cluster,
  ClusterKind,
  type DevMachine,
  DevMachineKind,
  label,
  type Machine,
  MachineKind,
  SecretKind,
} from "#apis"
import { ownerOfKind } from "#contract"
import { defineAccess, type ScopeOf } from "#controller"
import { isConditionTrue, type ObjectKey } from "#meta"
import { isControlPlane } from "./machine-facts.ts"

export const devMachineAccess = defineAccess({
  name: "devmachine",
  primary: DevMachineKind,
  reads: [ClusterKind, MachineKind, SecretKind],
})
export type DevMachineScope = ScopeOf<typeof devMachineAccess>

export function ownerMachine(scope: DevMachineScope, devMachine: DevMachine): Machine | undefined {
  const owner = ownerOfKind(devMachine, MachineKind)
  return owner && scope.read(MachineKind).get(devMachine.metadata.namespace, owner.name)
}

export function clusterOf(scope: DevMachineScope, machine: Machine): Cluster | undefined {
  return scope.read(ClusterKind).get(machine.metadata.namespace, machine.spec.clusterName)
}

/** The machines of a cluster that are to stay. */
export function machinesOf(
  scope: DevMachineScope,
  { namespace, name }: ObjectKey,
): readonly DevMachine[] {
  return scope
    .read(DevMachineKind)
    .labelled(label.clusterName, name, namespace)
    .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
}

export function isUpControlPlane(scope: DevMachineScope, devMachine: DevMachine): boolean {
  return (
    isConditionTrue(devMachine, "APIServerProvisioned") &&
    isControlPlane(devMachine, ownerMachine(scope, devMachine))
  )
}
