import { label, type Pod } from "#apis"
import { controllerOf } from "#meta"

/** What is done with a Pod of a Node that is drained. */
export type PodBehavior = "Drain" | "Skip" | "WaitCompleted"

export interface PodDecision {
  readonly pod: Pod
  readonly behavior: PodBehavior
  /** Lower ones go first. */
  readonly order: number
}

export interface PodPlanInput {
  readonly pods: readonly Pod[]
  /** DaemonSets that exist, as `namespace/name`: Pods of others are orphans. */
  readonly daemonSets: ReadonlySet<string>
  /** Pods that should have gone by now will not go: their kubelet is silent. */
  readonly isUnreachable: boolean
  readonly nowMs: number
}

/** The Pods by what is done with them now. */
export interface PodPlan {
  readonly evict: readonly Pod[]
  /** When those before them are gone. */
  readonly evictLater: readonly Pod[]
  readonly leaving: readonly Pod[]
  readonly awaitNow: readonly Pod[]
  readonly awaitLater: readonly Pod[]
  readonly skipped: readonly Pod[]
}

const mirrorAnnotation = "kubernetes.io/config.mirror"
const unreachableLeaveMs = 2_000

/** Decides for every Pod; the lowest order goes first, by name within it. */
export function planPods(input: PodPlanInput): PodPlan {
  const decisions = input.pods.map((pod) => decide(pod, input)).toSorted(compareNames)
  const acted = decisions.filter(({ behavior }) => behavior !== "Skip")
  const lowest = Math.min(...acted.map(({ order }) => order))
  const pick = (accepts: (decision: PodDecision) => boolean): readonly Pod[] =>
    decisions.filter(accepts).map(({ pod }) => pod)
  const isStaying = ({ pod, behavior }: PodDecision): boolean =>
    behavior === "Drain" && pod.metadata.deletionTimestamp === undefined
  return {
    evict: pick((each) => isStaying(each) && each.order === lowest),
    evictLater: pick((each) => isStaying(each) && each.order !== lowest),
    leaving: pick((each) => each.behavior === "Drain" && !isStaying(each)),
    awaitNow: pick((each) => each.behavior === "WaitCompleted" && each.order === lowest),
    awaitLater: pick((each) => each.behavior === "WaitCompleted" && each.order !== lowest),
    skipped: pick((each) => each.behavior === "Skip"),
  }
}

function decide(pod: Pod, input: PodPlanInput): PodDecision {
  return { pod, behavior: behaviorOf(pod, input), order: 0 }
}

function behaviorOf(pod: Pod, { daemonSets, isUnreachable, nowMs }: PodPlanInput): PodBehavior {
  const { deletionTimestamp, annotations = {}, labels = {}, namespace } = pod.metadata
  if (isUnreachable && deletionTimestamp !== undefined) {
    if (nowMs - Date.parse(deletionTimestamp) >= unreachableLeaveMs) return "Skip"
  }
  const owner = controllerOf(pod)
  const isFinished = pod.status?.phase === "Succeeded" || pod.status?.phase === "Failed"
  if (owner?.kind === "DaemonSet" && !isFinished && daemonSets.has(`${namespace}/${owner.name}`)) {
    return "Skip"
  }
  if (annotations[mirrorAnnotation] !== undefined) return "Skip"
  const wish = labels[label.drain]?.toLowerCase().replace("-", "")
  if (wish === "skip") return "Skip"
  if (wish === "waitcompleted") return isFinished ? "Skip" : "WaitCompleted"
  return "Drain"
}

function compareNames({ pod: left }: PodDecision, { pod: right }: PodDecision): number {
  return podName(left) < podName(right) ? -1 : 1
}

/** `namespace/name`. */
export function podName({ metadata }: Pod): string {
  return `${metadata.namespace}/${metadata.name}`
}
