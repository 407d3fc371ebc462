import {
  ClusterKind,
  isControlPlane,
  label,
  type Machine,
  type MachineDeployment,
  MachineDeploymentKind,
  MachineKind,
  type MachineSet,
  MachineSetKind,
  SecretKind,
} from "#apis"
import { isOwnedBy } from "#contract"
import { defineAccess, type ScopeOf } from "#controller"

export const clusterAccess = defineAccess({
  name: "cluster",
  primary: ClusterKind,
  reads: [MachineKind, MachineSetKind, MachineDeploymentKind, SecretKind],
  writes: [MachineKind, MachineSetKind, MachineDeploymentKind, SecretKind],
  contracts: true,
})

export type ClusterScope = ScopeOf<typeof clusterAccess>

/** Everything that carries the Cluster's name. */
export interface Descendants {
  readonly controlPlaneMachines: readonly Machine[]
  readonly workerMachines: readonly Machine[]
  readonly deployments: readonly MachineDeployment[]
  readonly machineSets: readonly MachineSet[]
  /** Sets that no MachineDeployment controls. */
  readonly standaloneMachineSets: readonly MachineSet[]
  /** Worker Machines that no set controls. */
  readonly standaloneWorkers: readonly Machine[]
}

export function descendantsOf(scope: ClusterScope): Descendants {
  const cluster = scope.object
  const { namespace, name } = scope.key
  const machines = scope.read(MachineKind).labelled(label.clusterName, name, namespace)
  const machineSets = scope.read(MachineSetKind).labelled(label.clusterName, name, namespace)
  const workerMachines = machines.filter((machine) => !isControlPlane(machine))
  return {
    controlPlaneMachines: machines.filter(isControlPlane),
    workerMachines,
    deployments: scope.read(MachineDeploymentKind).labelled(label.clusterName, name, namespace),
    machineSets,
    standaloneMachineSets: machineSets.filter((machineSet) => isOwnedBy(machineSet, cluster)),
    standaloneWorkers: workerMachines.filter((machine) => isOwnedBy(machine, cluster)),
  }
}
