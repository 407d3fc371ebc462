import type { Kind } from "#meta"
import { KubeadmConfigTemplateKind } from "./bootstrap/kubeadm-config-template.kind.ts"
import { KubeadmConfigKind } from "./bootstrap/kubeadm-config.kind.ts"
import { ClusterKind } from "./cluster/cluster.kind.ts"
import { MachineDeploymentKind } from "./cluster/machine-deployment.kind.ts"
import { MachineSetKind } from "./cluster/machine-set.kind.ts"
import { MachineKind } from "./cluster/machine.kind.ts"
import { DevClusterTemplateKind } from "./infrastructure/dev-cluster-template.kind.ts"
import { DevClusterKind } from "./infrastructure/dev-cluster.kind.ts"
import { DevMachineTemplateKind } from "./infrastructure/dev-machine-template.kind.ts"
import { DevMachineKind } from "./infrastructure/dev-machine.kind.ts"
import { PooledRemoteMachineKind } from "./infrastructure/pooled-remote-machine.kind.ts"
import { RemoteClusterTemplateKind } from "./infrastructure/remote-cluster-template.kind.ts"
import { RemoteClusterKind } from "./infrastructure/remote-cluster.kind.ts"
import { RemoteMachineTemplateKind } from "./infrastructure/remote-machine-template.kind.ts"
import { RemoteMachineKind } from "./infrastructure/remote-machine.kind.ts"

/** Every kind that a CRD is seeded for. */
export const customKinds: readonly Kind[] = [
  ClusterKind,
  MachineKind,
  MachineSetKind,
  MachineDeploymentKind,
  KubeadmConfigKind,
  KubeadmConfigTemplateKind,
  RemoteClusterKind,
  RemoteClusterTemplateKind,
  RemoteMachineKind,
  RemoteMachineTemplateKind,
  PooledRemoteMachineKind,
  DevClusterKind,
  DevClusterTemplateKind,
  DevMachineKind,
  DevMachineTemplateKind,
]
