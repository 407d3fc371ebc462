import type { ApiObject } from "#meta"
import { kindRef } from "./kind-ref.ts"
import type { LocalObjectReference, ObjectReference } from "./reference.ts"

export interface ServiceAccount extends ApiObject {
  readonly secrets?: readonly ObjectReference[] | undefined
  readonly imagePullSecrets?: readonly LocalObjectReference[] | undefined
  readonly automountServiceAccountToken?: boolean | undefined
}

export const ServiceAccountKind = kindRef<ServiceAccount>("v1", "ServiceAccount")
