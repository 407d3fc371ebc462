import {
  type Cluster,
  ClusterKind,
  ConfigMapKind,
  KubeadmConfigKind,
  type Machine,
  MachineKind,
  SecretKind,
} from "#apis"
import { ownerOfKind } from "#contract"
import { defineAccess, type Outcome, type ScopeOf, waitFor } from "#controller"

export const access = defineAccess({
  name: "kubeadmconfig",
  primary: KubeadmConfigKind,
  reads: [ClusterKind, MachineKind, SecretKind],
  writes: [SecretKind, ConfigMapKind],
})
export type KubeadmConfigScope = ScopeOf<typeof access>

/** Whose bootstrap data a KubeadmConfig is. */
export interface Owners {
  readonly machine: Machine
  readonly cluster: Cluster
}

export function ownersOf(scope: KubeadmConfigScope): Owners | undefined {
  const { namespace } = scope.key
  const owner = ownerOfKind(scope.object, MachineKind)
  const machine = owner && scope.read(MachineKind).get(namespace, owner.name)
  const cluster = machine && scope.read(ClusterKind).get(namespace, machine.spec.clusterName)
  return machine && cluster ? { machine, cluster } : undefined
}

export function notAvailable(message: string): Outcome {
  return waitFor("DataSecretNotAvailable", { message })
}
