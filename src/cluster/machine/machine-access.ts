import {
  ClusterKind,
  type Cluster,
  MachineDeploymentKind,
  MachineKind,
  MachineSetKind,
} from "#apis"
import { defineAccess, type ScopeOf } from "#controller"

export const machineAccess = defineAccess({
  name: "machine",
  primary: MachineKind,
  reads: [ClusterKind, MachineSetKind, MachineDeploymentKind],
  contracts: true,
})

export type MachineScope = ScopeOf<typeof machineAccess>

/** The Cluster that the Machine names, if there is one. */
export function clusterOf(scope: MachineScope): Cluster | undefined {
  const { metadata, spec } = scope.object
  return scope.read(ClusterKind).get(metadata.namespace, spec.clusterName)
}
