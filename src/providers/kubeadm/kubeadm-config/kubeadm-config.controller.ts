import {
  ClusterKind,
  isControlPlane,
  KubeadmConfigKind,
  label,
  type Machine,
  MachineKind,
  SecretKind,
} from "#apis"
import { pausedByCluster } from "#contract"
import {
  type Controller,
  defineController,
  mapped,
  referenced,
  type TriggerReader,
} from "#controller"
import type { ObjectKey } from "#meta"
import type { WorkloadClusters } from "#workload"
import { AwaitedConnections } from "./awaited-connections.ts"
import { adoptData, keepData } from "./existing-data.phase.ts"
import { access, ownersOf } from "./kubeadm-config-access.ts"
import { kubeadmConfigStatus } from "./kubeadm-config-status.ts"
import { produceData } from "./produce-data.phase.ts"
import { waitForOwners } from "./wait-for-owners.phase.ts"

export interface KubeadmOptions {
  readonly workloads: WorkloadClusters
}

/** Makes the bootstrap data of a Machine: how kubeadm turns its host into a node. */
export function kubeadmConfigController({ workloads }: KubeadmOptions): Controller {
  const connections = new AwaitedConnections(workloads)
  return defineController(access, {
    triggers: [
      mapped(MachineKind, configsFor),
      mapped(ClusterKind, (cluster, reader) => configsOf(cluster.metadata, reader)),
      referenced(SecretKind),
      connections.trigger,
    ],
    conditions: ["Ready", "DataSecretAvailable", "CertificatesAvailable", "Paused"],
    pausedBy: (scope) => pausedByCluster(ownersOf(scope)?.cluster),
    reconcile: [adoptData, waitForOwners, keepData(connections), produceData(connections)],
    observe: kubeadmConfigStatus,
  })
}

/** A control plane machine matters to the others: they may wait for it to leave the init lock. */
function configsFor(machine: Machine, reader: TriggerReader): readonly ObjectKey[] {
  if (!isControlPlane(machine)) return configOf(machine)
  const { namespace } = machine.metadata
  const name = machine.spec.clusterName
  return [...configOf(machine), ...configsOf({ namespace, name }, reader)]
}

function configsOf(cluster: ObjectKey, reader: TriggerReader): readonly ObjectKey[] {
  return reader
    .read(MachineKind)
    .labelled(label.clusterName, cluster.name, cluster.namespace)
    .flatMap((machine) => configOf(machine))
}

function configOf(machine: Machine): readonly ObjectKey[] {
  const reference = machine.spec.bootstrap.configRef
  const { namespace } = machine.metadata
  return reference?.kind === KubeadmConfigKind.kind ? [{ namespace, name: reference.name }] : []
}
