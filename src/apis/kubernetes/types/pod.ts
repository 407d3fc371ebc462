import type { ApiObject, ObjectMeta } from "#meta"
import { kindRef } from "./kind-ref.ts"

export interface Pod extends ApiObject {
  readonly spec?: PodSpec | undefined
  readonly status?: PodStatus | undefined
}

/** What controllers template: metadata without a name, and the spec. */
export interface PodTemplateSpec {
  readonly metadata?: Partial<ObjectMeta> | undefined
  readonly spec?: PodSpec | undefined
}

export interface PodSpec {
  readonly containers: readonly Container[]
  readonly initContainers?: readonly Container[] | undefined
  readonly volumes?: readonly Volume[] | undefined
  readonly nodeName?: string | undefined
  readonly nodeSelector?: Readonly<Record<string, string>> | undefined
  readonly serviceAccountName?: string | undefined
  readonly automountServiceAccountToken?: boolean | undefined
  readonly restartPolicy?: "Always" | "OnFailure" | "Never" | undefined
  readonly terminationGracePeriodSeconds?: number | undefined
  readonly hostNetwork?: boolean | undefined
  readonly hostPID?: boolean | undefined
  readonly dnsPolicy?: string | undefined
  readonly priorityClassName?: string | undefined
  readonly tolerations?: readonly Toleration[] | undefined
}

export interface Container {
  readonly name: string
  readonly image?: string | undefined
  readonly imagePullPolicy?: string | undefined
  readonly command?: readonly string[] | undefined
  readonly args?: readonly string[] | undefined
  readonly env?: readonly EnvVar[] | undefined
  readonly ports?: readonly ContainerPort[] | undefined
  readonly volumeMounts?: readonly VolumeMount[] | undefined
  readonly restartPolicy?: string | undefined
}

export interface EnvVar {
  readonly name: string
  readonly value?: string | undefined
}

export interface ContainerPort {
  readonly name?: string | undefined
  readonly containerPort: number
  readonly hostPort?: number | undefined
  readonly protocol?: string | undefined
}

export interface VolumeMount {
  readonly name: string
  readonly mountPath: string
  readonly readOnly?: boolean | undefined
  readonly subPath?: string | undefined
}

/** The sources that tell a Pod that can be drained from one that cannot, and those we write. */
export interface Volume {
  readonly name: string
  readonly emptyDir?: { readonly medium?: string | undefined } | undefined
  readonly hostPath?: { readonly path: string; readonly type?: string | undefined } | undefined
  readonly configMap?: { readonly name?: string | undefined } | undefined
  readonly secret?: { readonly secretName?: string | undefined } | undefined
  readonly persistentVolumeClaim?: { readonly claimName: string } | undefined
}

export interface Toleration {
  readonly key?: string | undefined
  readonly operator?: string | undefined
  readonly value?: string | undefined
  readonly effect?: string | undefined
  readonly tolerationSeconds?: number | undefined
}

export interface PodStatus {
  readonly phase?: "Pending" | "Running" | "Succeeded" | "Failed" | "Unknown" | undefined
  readonly reason?: string | undefined
  readonly message?: string | undefined
  readonly conditions?: readonly PodCondition[] | undefined
  readonly hostIP?: string | undefined
  readonly podIP?: string | undefined
  readonly podIPs?: readonly { readonly ip: string }[] | undefined
  readonly startTime?: string | undefined
  readonly initContainerStatuses?: readonly ContainerStatus[] | undefined
  readonly containerStatuses?: readonly ContainerStatus[] | undefined
}

export interface PodCondition {
  readonly type: string
  readonly status: "True" | "False" | "Unknown"
  readonly reason?: string | undefined
  readonly message?: string | undefined
  readonly lastTransitionTime?: string | null | undefined
}

export interface ContainerStatus {
  readonly name: string
  readonly ready: boolean
  readonly restartCount: number
  readonly image: string
  readonly imageID: string
  readonly started?: boolean | undefined
  readonly state?: ContainerState | undefined
  readonly lastState?: ContainerState | undefined
}

export interface ContainerState {
  readonly waiting?:
    | { readonly reason?: string | undefined; readonly message?: string | undefined }
    | undefined
  readonly running?: { readonly startedAt?: string | null | undefined } | undefined
  readonly terminated?:
    | {
        readonly exitCode: number
        readonly reason?: string | undefined
        readonly message?: string | undefined
        readonly finishedAt?: string | null | undefined
      }
    | undefined
}

export const PodKind = kindRef<Pod>("v1", "Pod")
