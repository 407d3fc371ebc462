import type { ApiObject, LabelSelector } from "#meta"
import { kindRef } from "./kind-ref.ts"
import type { PodTemplateSpec } from "./pod.ts"

/** The condition of a Deployment or DaemonSet. */
export interface WorkloadCondition {
  readonly type: string
  readonly status: "True" | "False" | "Unknown"
  readonly reason?: string | undefined
  readonly message?: string | undefined
  readonly lastTransitionTime?: string | null | undefined
  readonly lastUpdateTime?: string | null | undefined
}

interface RollingUpdate {
  /** A number, or a percentage as text. */
  readonly maxSurge?: number | string | undefined
  readonly maxUnavailable?: number | string | undefined
}

export interface Deployment extends ApiObject {
  readonly spec?: DeploymentSpec | undefined
  readonly status?: DeploymentStatus | undefined
}

export interface DeploymentSpec {
  readonly replicas?: number | undefined
  readonly selector: LabelSelector
  readonly template: PodTemplateSpec
  readonly strategy?:
    | {
        readonly type?: "Recreate" | "RollingUpdate" | undefined
        readonly rollingUpdate?: RollingUpdate | undefined
      }
    | undefined
  readonly minReadySeconds?: number | undefined
  readonly revisionHistoryLimit?: number | undefined
  readonly paused?: boolean | undefined
  readonly progressDeadlineSeconds?: number | undefined
}

export interface DeploymentStatus {
  readonly observedGeneration?: number | undefined
  readonly replicas?: number | undefined
  readonly updatedReplicas?: number | undefined
  readonly readyReplicas?: number | undefined
  readonly availableReplicas?: number | undefined
  readonly unavailableReplicas?: number | undefined
  readonly conditions?: readonly WorkloadCondition[] | undefined
}

export interface DaemonSet extends ApiObject {
  readonly spec?: DaemonSetSpec | undefined
  readonly status?: DaemonSetStatus | undefined
}

export interface DaemonSetSpec {
  readonly selector: LabelSelector
  readonly template: PodTemplateSpec
  readonly updateStrategy?:
    | {
        readonly type?: "OnDelete" | "RollingUpdate" | undefined
        readonly rollingUpdate?: RollingUpdate | undefined
      }
    | undefined
  readonly minReadySeconds?: number | undefined
  readonly revisionHistoryLimit?: number | undefined
}

export interface DaemonSetStatus {
  readonly currentNumberScheduled?: number | undefined
  readonly desiredNumberScheduled?: number | undefined
  readonly numberMisscheduled?: number | undefined
  readonly numberReady?: number | undefined
  readonly numberAvailable?: number | undefined
  readonly numberUnavailable?: number | undefined
  readonly updatedNumberScheduled?: number | undefined
  readonly observedGeneration?: number | undefined
  readonly conditions?: readonly WorkloadCondition[] | undefined
}

export const DeploymentKind = kindRef<Deployment>("apps/v1", "Deployment")
export const DaemonSetKind = kindRef<DaemonSet>("apps/v1", "DaemonSet")
