import type { ApiObject, Condition, LabelSelector } from "#meta"
import { kindRef } from "./kind-ref.ts"

export interface PodDisruptionBudget extends ApiObject {
  readonly spec?: PodDisruptionBudgetSpec | undefined
  readonly status?: PodDisruptionBudgetStatus | undefined
}

/** Of `minAvailable` and `maxUnavailable`, numbers or percentages, at most one is set. */
export interface PodDisruptionBudgetSpec {
  readonly minAvailable?: number | string | undefined
  readonly maxUnavailable?: number | string | undefined
  readonly selector?: LabelSelector | undefined
  readonly unhealthyPodEvictionPolicy?: "IfHealthyBudget" | "AlwaysAllow" | undefined
}

export interface PodDisruptionBudgetStatus {
  readonly observedGeneration?: number | undefined
  /** Pods whose eviction was allowed and has not been seen yet, with the time. */
  readonly disruptedPods?: Readonly<Record<string, string>> | undefined
  readonly disruptionsAllowed?: number | undefined
  readonly currentHealthy?: number | undefined
  readonly desiredHealthy?: number | undefined
  readonly expectedPods?: number | undefined
  readonly conditions?: readonly Condition[] | undefined
}

export const PodDisruptionBudgetKind = kindRef<PodDisruptionBudget>(
  "policy/v1",
  "PodDisruptionBudget",
)
