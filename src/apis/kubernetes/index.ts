export type { BuiltinKind } from "./builtin-kind.ts"
export { definitions } from "./definitions.ts"
export { scaleColumns } from "./columns/workloads.ts"
export { kubernetesKinds } from "./kinds.ts"
export {
  findMessage,
  findMessageOfKind,
  type Message,
  type MessageField,
  type ScalarType,
} from "./messages.ts"
export { type ConfigMap, ConfigMapKind } from "./types/config-map.ts"
export {
  type CustomResourceDefinition,
  CustomResourceDefinitionKind,
  type CustomResourceDefinitionNames,
} from "./types/custom-resource-definition.ts"
export { type Event, EventKind } from "./types/event.ts"
export { type Lease, LeaseKind } from "./types/lease.ts"
export { type Namespace, NamespaceKind } from "./types/namespace.ts"
export { type Node, NodeKind, type Taint } from "./types/node.ts"
export { type PodDisruptionBudget, PodDisruptionBudgetKind } from "./types/pod-disruption-budget.ts"
export { type Pod, PodKind } from "./types/pod.ts"
export {
  type ClusterRole,
  type ClusterRoleBinding,
  ClusterRoleBindingKind,
  ClusterRoleKind,
  type PolicyRule,
  RoleBindingKind,
  RoleKind,
} from "./types/role.ts"
export { type Secret, SecretKind } from "./types/secret.ts"
export { ServiceAccountKind } from "./types/service-account.ts"
export { DaemonSetKind, type Deployment, DeploymentKind } from "./types/workload.ts"
export { zeroObject } from "./zero-value.ts"
export { type PersistentVolume, PersistentVolumeKind } from "./types/persistent-volume.ts"
export { VolumeAttachmentKind } from "./types/volume-attachment.ts"
