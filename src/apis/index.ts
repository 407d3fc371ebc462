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
export { ConversionError } from "./conversion/error.ts"
export { conversionDataAnnotation } from "./conversion/version-conversion.ts"
export type { ControlPlaneEndpoint } from "./cluster/endpoint.shape.ts"
export { isControlPlane } from "./cluster/control-plane.ts"
export { annotation, finalizer, label, uninitializedTaint } from "./cluster/names.ts"
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
export {
  type AggregationRule,
  type AttachedVolume,
  type BuiltinColumn,
  type BuiltinKind,
  type BuiltinSubresource,
  type Cell,
  type ClusterRole,
  type ClusterRoleBinding,
  ClusterRoleBindingKind,
  ClusterRoleKind,
  type ConfigMap,
  ConfigMapKind,
  type Container,
  type ContainerPort,
  type ContainerState,
  type ContainerStatus,
  type CustomResourceConversion,
  type CustomResourceDefinition,
  CustomResourceDefinitionKind,
  type CustomResourceDefinitionNames,
  type CustomResourceDefinitionSpec,
  type CustomResourceDefinitionStatus,
  type CustomResourceDefinitionVersion,
  type CustomResourceSubresources,
  type DaemonSet,
  DaemonSetKind,
  type DaemonSetSpec,
  type DaemonSetStatus,
  definitions,
  type Deployment,
  DeploymentKind,
  type DeploymentSpec,
  type DeploymentStatus,
  type EnvVar,
  type Event,
  EventKind,
  type EventSeries,
  type EventSource,
  type FieldSelectors,
  findMessage,
  findMessageOfKind,
  kubernetesKinds,
  type Lease,
  LeaseKind,
  type LeaseSpec,
  type LocalObjectReference,
  type Message,
  type MessageField,
  type Namespace,
  NamespaceKind,
  type NamespaceStatus,
  type Node,
  type NodeAddress,
  type NodeCondition,
  NodeKind,
  type NodeSpec,
  type NodeStatus,
  type NodeSystemInfo,
  type ObjectReference,
  type Pod,
  type PodCondition,
  type PodDisruptionBudget,
  PodDisruptionBudgetKind,
  type PodDisruptionBudgetSpec,
  type PodDisruptionBudgetStatus,
  PodKind,
  type PodSpec,
  type PodStatus,
  type PodTemplateSpec,
  type PolicyRule,
  type Presence,
  type Role,
  type RoleBinding,
  RoleBindingKind,
  RoleKind,
  type RoleRef,
  type ScalarType,
  type Secret,
  SecretKind,
  type Service,
  type ServiceAccount,
  ServiceAccountKind,
  ServiceKind,
  type ServicePort,
  type ServiceSpec,
  type ServiceStatus,
  type Subject,
  type Taint,
  type Toleration,
  type Volume,
  type VolumeMount,
  type WebhookClientConfig,
  type WorkloadCondition,
} from "./kubernetes/index.ts"
