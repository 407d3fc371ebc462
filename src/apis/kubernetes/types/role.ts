import type { ApiObject, LabelSelector } from "#meta"
import { kindRef } from "./kind-ref.ts"

export interface PolicyRule {
  readonly verbs: readonly string[]
  readonly apiGroups?: readonly string[] | undefined
  readonly resources?: readonly string[] | undefined
  readonly resourceNames?: readonly string[] | undefined
  readonly nonResourceURLs?: readonly string[] | undefined
}

export interface Role extends ApiObject {
  /** Null when a client sent none. */
  readonly rules?: readonly PolicyRule[] | null | undefined
}

export interface ClusterRole extends ApiObject {
  readonly rules?: readonly PolicyRule[] | null | undefined
  readonly aggregationRule?: AggregationRule | undefined
}

export interface AggregationRule {
  readonly clusterRoleSelectors?: readonly LabelSelector[] | undefined
}

export interface RoleRef {
  readonly apiGroup: string
  readonly kind: string
  readonly name: string
}

export interface Subject {
  readonly kind: string
  readonly apiGroup?: string | undefined
  readonly name: string
  readonly namespace?: string | undefined
}

export interface RoleBinding extends ApiObject {
  readonly subjects?: readonly Subject[] | undefined
  readonly roleRef: RoleRef
}

export interface ClusterRoleBinding extends ApiObject {
  readonly subjects?: readonly Subject[] | undefined
  readonly roleRef: RoleRef
}

const rbac = "rbac.authorization.k8s.io/v1"

export const RoleKind = kindRef<Role>(rbac, "Role")
export const ClusterRoleKind = kindRef<ClusterRole>(rbac, "ClusterRole")
export const RoleBindingKind = kindRef<RoleBinding>(rbac, "RoleBinding")
export const ClusterRoleBindingKind = kindRef<ClusterRoleBinding>(rbac, "ClusterRoleBinding")
