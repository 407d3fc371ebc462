import type { ApiObject, Condition } from "#meta"
import { kindRef } from "./kind-ref.ts"

export interface Namespace extends ApiObject {
  readonly spec?: { readonly finalizers?: readonly string[] | undefined } | undefined
  readonly status?: NamespaceStatus | undefined
}

export interface NamespaceStatus {
  readonly phase?: "Active" | "Terminating" | undefined
  readonly conditions?: readonly Condition[] | undefined
}

export const NamespaceKind = kindRef<Namespace>("v1", "Namespace")
