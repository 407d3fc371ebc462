import {
  type Cluster,
  ClusterKind,
  ConfigMapKind,
  KubeadmConfigKind,
  type Machine,
  MachineKind,
  SecretKind,
} from "#apis"
import { label } from "#contract"
import { defineAccess, type ScopeOf } from "#controller"

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
  const { ownerReferences, namespace } = scope.object.metadata
  const owner = ownerReferences?.find(({ kind }) => kind === MachineKind.kind)
  const machine = owner && scope.read(MachineKind).get(namespace, owner.name)
  const cluster = machine && scope.read(ClusterKind).get(namespace, machine.spec.clusterName)
  return machine && cluster ? { machine, cluster } : undefined
}

export function isControlPlane(machine: Machine): boolean {
  return label.controlPlane in (machine.metadata.labels ?? {})
}
