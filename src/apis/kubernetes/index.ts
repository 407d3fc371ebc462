export type {
  BuiltinColumn,
  BuiltinKind,
  BuiltinSubresource,
  Cell,
  FieldSelectors,
} from "./builtin-kind.ts"
export { definitions } from "./definitions.ts"
export { scaleColumns } from "./columns/workloads.ts"
export { kubernetesKinds } from "./kinds.ts"
export {
  findMessage,
  findMessageOfKind,
  type Message,
  type MessageField,
  type Presence,
  type ScalarType,
} from "./messages.ts"
export { type ConfigMap, ConfigMapKind } from "./types/config-map.ts"
export {
  type CustomResourceConversion,
  type CustomResourceDefinition,
  CustomResourceDefinitionKind,
  type CustomResourceDefinitionNames,
  type CustomResourceDefinitionSpec,
  type CustomResourceDefinitionStatus,
  type CustomResourceDefinitionVersion,
  type CustomResourceSubresources,
  type WebhookClientConfig,
} from "./types/custom-resource-definition.ts"
export { type Event, EventKind, type EventSeries, type EventSource } from "./types/event.ts"
export { type Lease, LeaseKind, type LeaseSpec } from "./types/lease.ts"
export { type Namespace, NamespaceKind, type NamespaceStatus } from "./types/namespace.ts"
export {
  type AttachedVolume,
  type Node,
  type NodeAddress,
  type NodeCondition,
  NodeKind,
  type NodeSpec,
  type NodeStatus,
  type NodeSystemInfo,
  type Taint,
} from "./types/node.ts"
export {
  type PodDisruptionBudget,
  PodDisruptionBudgetKind,
  type PodDisruptionBudgetSpec,
  type PodDisruptionBudgetStatus,
} from "./types/pod-disruption-budget.ts"
export {
  type Container,
  type ContainerPort,
  type ContainerState,
  type ContainerStatus,
  type EnvVar,
  type Pod,
  type PodCondition,
  PodKind,
  type PodSpec,
  type PodStatus,
  type PodTemplateSpec,
  type Toleration,
  type Volume,
  type VolumeMount,
} from "./types/pod.ts"
export type { LocalObjectReference, ObjectReference } from "./types/reference.ts"
export {
  type AggregationRule,
  type ClusterRole,
  type ClusterRoleBinding,
  ClusterRoleBindingKind,
  ClusterRoleKind,
  type PolicyRule,
  type Role,
  type RoleBinding,
  RoleBindingKind,
  RoleKind,
  type RoleRef,
  type Subject,
} from "./types/role.ts"
export { type Secret, SecretKind } from "./types/secret.ts"
export { type ServiceAccount, ServiceAccountKind } from "./types/service-account.ts"
export {
  type Service,
  ServiceKind,
  type ServicePort,
  type ServiceSpec,
  type ServiceStatus,
} from "./types/service.ts"
export {
  type DaemonSet,
  DaemonSetKind,
  type DaemonSetSpec,
  type DaemonSetStatus,
  type Deployment,
  DeploymentKind,
  type DeploymentSpec,
  type DeploymentStatus,
  type WorkloadCondition,
} from "./types/workload.ts"
export { zeroObject } from "./zero-value.ts"
export { type PersistentVolume, PersistentVolumeKind } from "./types/persistent-volume.ts"
export { type VolumeAttachment, VolumeAttachmentKind } from "./types/volume-attachment.ts"
