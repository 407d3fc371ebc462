export { KubeadmConfigTemplateKind } from "./bootstrap/kubeadm-config-template.kind.ts"
export {
  type KubeadmConfig,
  KubeadmConfigKind,
  type KubeadmConfigSpec,
} from "./bootstrap/kubeadm-config.kind.ts"
export { type Cluster, ClusterKind, type ClusterStatus } from "./cluster/cluster.kind.ts"
export { conversionDataAnnotation } from "./conversion/version-conversion.ts"
export { isControlPlane } from "./cluster/control-plane.ts"
export { annotation, finalizer, label, uninitializedTaint } from "./cluster/names.ts"
export type { FailureDomain } from "./cluster/failure-domain.shape.ts"
export {
  type MachineDeployment,
  MachineDeploymentKind,
  type MachineDeploymentStatus,
} from "./cluster/machine-deployment.kind.ts"
export { type MachineSet, MachineSetKind } from "./cluster/machine-set.kind.ts"
export type { MachineSpec, MachineTemplate } from "./cluster/machine-spec.shape.ts"
export type { MachineAddress } from "./cluster/machine-status.shape.ts"
export { type Machine, MachineKind, type MachineStatus } from "./cluster/machine.kind.ts"
export { customKinds } from "./custom-kinds.ts"
export { type DevCluster, DevClusterKind } from "./infrastructure/dev-cluster.kind.ts"
export { DevMachineTemplateKind } from "./infrastructure/dev-machine-template.kind.ts"
export { type DevMachine, DevMachineKind } from "./infrastructure/dev-machine.kind.ts"
export {
  type PooledRemoteMachine,
  PooledRemoteMachineKind,
  type PooledRemoteMachineStatus,
} from "./infrastructure/pooled-remote-machine.kind.ts"
export { type RemoteCluster, RemoteClusterKind } from "./infrastructure/remote-cluster.kind.ts"
export { RemoteMachineTemplateKind } from "./infrastructure/remote-machine-template.kind.ts"
export {
  claimAnnotation,
  hostKeyAnnotation,
  type RemoteMachine,
  type RemoteMachineBootstrap,
  RemoteMachineKind,
  retryAnnotation,
} from "./infrastructure/remote-machine.kind.ts"
export * from "./kubernetes/index.ts"
