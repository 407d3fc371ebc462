import {
  type MachineDeployment,
  MachineDeploymentKind,
  type MachineSet,
  MachineSetKind,
} from "#apis"
import { ownerOfKind } from "#contract"
import type { MachineScope } from "./machine-access.ts"

/** The MachineSet that controls the Machine. */
export function machineSetOf(scope: MachineScope): MachineSet | undefined {
  const owner = ownerOfKind(scope.object, MachineSetKind)
  if (!owner) return undefined
  const found = scope.read(MachineSetKind).get(scope.key.namespace, owner.name)
  return found?.metadata.uid === owner.uid ? found : undefined
}

/** The MachineDeployment that controls the Machine's MachineSet. */
export function deploymentOf(scope: MachineScope): MachineDeployment | undefined {
  const machineSet = machineSetOf(scope)
  const owner = machineSet && ownerOfKind(machineSet, MachineDeploymentKind)
  if (!owner) return undefined
  const found = scope.read(MachineDeploymentKind).get(scope.key.namespace, owner.name)
  return found?.metadata.uid === owner.uid ? found : undefined
}
