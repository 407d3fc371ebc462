import { ClusterKind, MachineDeploymentKind, MachineKind, MachineSetKind } from "#apis"
import { defineAccess, type ScopeOf } from "#controller"

export const machineAccess = defineAccess({
  name: "machine",
  primary: MachineKind,
  reads: [ClusterKind, MachineSetKind, MachineDeploymentKind],
  contracts: true,
})

export type MachineScope = ScopeOf<typeof machineAccess>
