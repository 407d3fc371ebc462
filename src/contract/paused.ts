import type { Cluster } from "#apis"

/** What the framework's `pausedBy` answers for an object of this cluster. */
export function pausedByCluster(cluster: Cluster | undefined): string | undefined {
  return cluster?.spec.paused ? "Cluster spec.paused is set to true" : undefined
}
