export {
  type KubeadmConfigTemplate,
  KubeadmConfigTemplateKind,
} from "./bootstrap/kubeadm-config-template.kind.ts"
export {
  type KubeadmConfig,
  KubeadmConfigKind,
  type KubeadmConfigSpec,
  type KubeadmConfigStatus,
} from "./bootstrap/kubeadm-config.kind.ts"
export {
  type Cluster,
  ClusterKind,
  type ClusterSpec,
  type ClusterStatus,
} from "./cluster/cluster.kind.ts"
export type { ControlPlaneEndpoint } from "./cluster/endpoint.shape.ts"
export type { FailureDomain } from "./cluster/failure-domain.shape.ts"
export {
  type MachineDeployment,
  MachineDeploymentKind,
  type MachineDeploymentSpec,
  type MachineDeploymentStatus,
} from "./cluster/machine-deployment.kind.ts"
export {
  type MachineSet,
  MachineSetKind,
  type MachineSetSpec,
  type MachineSetStatus,
} from "./cluster/machine-set.kind.ts"
export type { MachineSpec, MachineTaint, MachineTemplate } from "./cluster/machine-spec.shape.ts"
export type { MachineAddress, NodeInfo } from "./cluster/machine-status.shape.ts"
export { type Machine, MachineKind, type MachineStatus } from "./cluster/machine.kind.ts"
export type { ContractRef } from "./cluster/reference.shape.ts"
export { customKinds } from "./custom-kinds.ts"
export {
  type DevClusterTemplate,
  DevClusterTemplateKind,
} from "./infrastructure/dev-cluster-template.kind.ts"
export {
  type DevCluster,
  DevClusterKind,
  type DevClusterSpec,
  type DevClusterStatus,
} from "./infrastructure/dev-cluster.kind.ts"
export {
  type DevMachineTemplate,
  DevMachineTemplateKind,
} from "./infrastructure/dev-machine-template.kind.ts"
export {
  type DevMachine,
  DevMachineKind,
  type DevMachineSpec,
  type DevMachineStatus,
} from "./infrastructure/dev-machine.kind.ts"
export {
  type PooledRemoteMachine,
  PooledRemoteMachineKind,
  type PooledRemoteMachineSpec,
  type PooledRemoteMachineStatus,
} from "./infrastructure/pooled-remote-machine.kind.ts"
export {
  type RemoteClusterTemplate,
  RemoteClusterTemplateKind,
} from "./infrastructure/remote-cluster-template.kind.ts"
export {
  type RemoteCluster,
  RemoteClusterKind,
  type RemoteClusterSpec,
  type RemoteClusterStatus,
} from "./infrastructure/remote-cluster.kind.ts"
export {
  type RemoteMachineTemplate,
  RemoteMachineTemplateKind,
} from "./infrastructure/remote-machine-template.kind.ts"
export {
  claimAnnotation,
  hostKeyAnnotation,
  type RemoteMachine,
  type RemoteMachineBootstrap,
  RemoteMachineKind,
  type RemoteMachineSpec,
  type RemoteMachineStatus,
} from "./infrastructure/remote-machine.kind.ts"
export * from "./kubernetes/index.ts"
