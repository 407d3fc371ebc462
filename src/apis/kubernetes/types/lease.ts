import type { ApiObject } from "#meta"
import { kindRef } from "./kind-ref.ts"

export interface Lease extends ApiObject {
  readonly spec?: LeaseSpec | undefined
}

/** Times carry microseconds. */
export interface LeaseSpec {
  readonly holderIdentity?: string | undefined
  readonly leaseDurationSeconds?: number | undefined
  readonly acquireTime?: string | undefined
  readonly renewTime?: string | undefined
  readonly leaseTransitions?: number | undefined
  readonly strategy?: string | undefined
  readonly preferredHolder?: string | undefined
}

export const LeaseKind = kindRef<Lease>("coordination.k8s.io/v1", "Lease")
