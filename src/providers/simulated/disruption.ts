import type { Pod, PodDisruptionBudget } from "#apis"

/** What a disruption budget comes to for the pods that it protects. */
export interface Disruption {
  readonly healthy: number
  readonly desired: number
  readonly allowed: number
}

/** How many of the pods may go right now. No controller has to have counted them before. */
export function disruptionOf(
  { minAvailable, maxUnavailable }: NonNullable<PodDisruptionBudget["spec"]>,
  pods: readonly Pod[],
): Disruption {
  const healthy = pods.filter(
    (pod) => pod.metadata.deletionTimestamp === undefined && isReady(pod),
  ).length
  const desired =
    maxUnavailable === undefined
      ? scaled(minAvailable ?? 0, pods.length)
      : Math.max(0, pods.length - scaled(maxUnavailable, pods.length))
  return { healthy, desired, allowed: Math.max(0, healthy - desired) }
}

/** A number as it is, a percentage of the total rounded up. */
function scaled(value: number | string, total: number): number {
  if (typeof value === "number") return value
  return Math.ceil((Number.parseFloat(value) / 100) * total)
}

function isReady({ status }: Pod): boolean {
  return (
    status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True") === true
  )
}
