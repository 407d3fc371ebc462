import {
  type Cluster,
  ClusterKind,
  label,
  type Machine,
  MachineKind,
  PooledRemoteMachineKind,
  type RemoteMachine,
  RemoteMachineKind,
  SecretKind,
} from "#apis"
import { ownerOfKind } from "#contract"
import { defineAccess, type Outcome, type ScopeOf, waitFor } from "#controller"

import { ProvisionError } from "../plan/provision-error.ts"

export const machineAccess = defineAccess({
  name: "remotemachine",
  primary: RemoteMachineKind,
  reads: [MachineKind, ClusterKind, SecretKind, PooledRemoteMachineKind],
  writes: [PooledRemoteMachineKind, MachineKind],
})
export type MachineScope = ScopeOf<typeof machineAccess>

export function ownerMachine(scope: MachineScope): Machine | undefined {
  const owner = ownerOfKind(scope.object, MachineKind)
  return owner && scope.read(MachineKind).get(scope.object.metadata.namespace, owner.name)
}

/** The cluster of the machine; its label says which when the Machine is gone. */
export function clusterOf(scope: MachineScope): Cluster | undefined {
  const { namespace, labels } = scope.object.metadata
  const name = ownerMachine(scope)?.spec.clusterName ?? labels?.[label.clusterName]
  return name === undefined ? undefined : scope.read(ClusterKind).get(namespace, name)
}

/** True once the machine is a node: nothing is ever run on its host again but its cleaning. */
export function isProvisioned(machine: RemoteMachine): boolean {
  return machine.status?.initialization?.provisioned === true
}

/** Whose host it is, as it is written down on the host itself. */
export function holderOf({ metadata }: RemoteMachine): string {
  return `RemoteMachine ${metadata.namespace ?? ""}/${metadata.name}`
}

/** What keeps a machine from being provisioned, as something that the phase waits for. */
export function waitForProblem(error: unknown): Outcome {
  if (error instanceof ProvisionError) return waitFor(error.reason, { message: error.message })
  throw error
}
