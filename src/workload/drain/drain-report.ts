import type { Pod } from "#apis"
import type { Evictions } from "./evict-pods.ts"
import { podName, type PodPlan } from "./pod-plan.ts"

/** What is left to do on a Node. */
export interface DrainReport {
  readonly isComplete: boolean
  /** One line for each kind of hindrance, for people. */
  readonly lines: readonly string[]
}

const podsShown = 3
const reasonsShown = 5
const budgetText = "Cannot evict pod as it would violate the pod's disruption budget."

export function reportOf(plan: PodPlan, { evicted, refused }: Evictions): DrainReport {
  const leaving = [...plan.leaving, ...evicted]
  const lines = [
    ...lineFor(leaving, "deletionTimestamp set, but still not removed from the Node"),
    ...refusals(refused),
    ...lineFor(plan.awaitNow, "waiting for completion"),
    ...laterLine(plan.evictLater, "evicted"),
    ...laterLine(plan.awaitLater, "waited for"),
  ]
  return { isComplete: lines.length === 0, lines }
}

function refusals(refused: ReadonlyMap<string, readonly Pod[]>): readonly string[] {
  const sorted = [...refused].sort(([left], [right]) => (left < right ? -1 : 1))
  const lines = sorted.slice(0, reasonsShown).flatMap(([reason, pods]) => {
    const isBudget = reason.startsWith(budgetText)
    return lineFor(
      pods,
      isBudget ? `c${reason.slice(1)}` : `failed to evict ${plural("Pod", pods)}, ${reason}`,
    )
  })
  const rest = sorted.slice(reasonsShown).reduce((count, [, pods]) => count + pods.length, 0)
  return rest === 0
    ? lines
    : [...lines, `* ${rest} ${rest === 1 ? "Pod" : "Pods"} with other issues`]
}

function lineFor(pods: readonly Pod[], state: string): readonly string[] {
  return pods.length === 0 ? [] : [`* ${plural("Pod", pods)} ${podsText(pods)}: ${state}`]
}

function laterLine(pods: readonly Pod[], what: string): readonly string[] {
  if (pods.length === 0) return []
  return [`Once these are gone, ${plural("Pod", pods)} ${podsText(pods)} will be ${what}`]
}

function podsText(pods: readonly Pod[]): string {
  const names = pods.map(podName)
  if (names.length <= podsShown) return names.join(", ")
  return `${names.slice(0, podsShown).join(", ")}, ... (${names.length - podsShown} more)`
}

function plural(noun: string, items: readonly unknown[]): string {
  return items.length === 1 ? noun : `${noun}s`
}
