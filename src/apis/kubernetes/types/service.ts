import type { ApiObject, Condition } from "#meta"
import { kindRef } from "./kind-ref.ts"

export interface Service extends ApiObject {
  readonly spec?: ServiceSpec | undefined
  readonly status?: ServiceStatus | undefined
}

export interface ServiceSpec {
  readonly type?: "ClusterIP" | "NodePort" | "LoadBalancer" | "ExternalName" | undefined
  readonly selector?: Readonly<Record<string, string>> | undefined
  readonly ports?: readonly ServicePort[] | undefined
  readonly clusterIP?: string | undefined
  readonly clusterIPs?: readonly string[] | undefined
  readonly externalIPs?: readonly string[] | undefined
  readonly externalName?: string | undefined
  readonly loadBalancerIP?: string | undefined
  readonly ipFamilies?: readonly string[] | undefined
  readonly ipFamilyPolicy?: string | undefined
  readonly sessionAffinity?: string | undefined
  readonly publishNotReadyAddresses?: boolean | undefined
}

export interface ServicePort {
  readonly name?: string | undefined
  readonly protocol?: string | undefined
  readonly appProtocol?: string | undefined
  readonly port: number
  /** A port number, or the name of a container's port. */
  readonly targetPort?: number | string | undefined
  readonly nodePort?: number | undefined
}

export interface ServiceStatus {
  readonly loadBalancer?:
    | {
        readonly ingress?:
          | readonly { readonly ip?: string | undefined; readonly hostname?: string | undefined }[]
          | undefined
      }
    | undefined
  readonly conditions?: readonly Condition[] | undefined
}

export const ServiceKind = kindRef<Service>("v1", "Service")
