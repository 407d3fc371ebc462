import { type Pod, PodKind } from "#apis"
import { type Clock, messageOf } from "#base"
import type { Client } from "#client"
import { ApiError, keyOf } from "#meta"

export interface Evictions {
  /** On their way out now. */
  readonly evicted: readonly Pod[]
  /** The Pods that stay for now, by the reason. */
  readonly refused: ReadonlyMap<string, readonly Pod[]>
}

export interface EvictionOptions {
  readonly clock: Clock
  /** Instead of the Pod's own. */
  readonly gracePeriodSeconds: number | undefined
}

const budgetMs = 10_000
const terminatingCause = "NamespaceTerminating"

/** Asks for the eviction of each Pod, for ten seconds at most. */
export async function evictPods(
  client: Client,
  pods: readonly Pod[],
  { clock, gracePeriodSeconds }: EvictionOptions,
): Promise<Evictions> {
  const evicted: Pod[] = []
  const refused = new Map<string, Pod[]>()
  const deadlineMs = clock.now() + budgetMs
  for (const pod of pods) {
    const reason =
      clock.now() > deadlineMs
        ? "there was no time left in this pass, it is tried again"
        : await evict(client, pod, gracePeriodSeconds)
    if (reason === "evicted") evicted.push(pod)
    else if (reason !== "gone") refused.set(reason, [...(refused.get(reason) ?? []), pod])
  }
  return { evicted, refused }
}

/** Answers `evicted`, `gone`, or why the Pod stays. */
async function evict(
  client: Client,
  pod: Pod,
  gracePeriodSeconds: number | undefined,
): Promise<string> {
  const { namespace, name } = pod.metadata
  const eviction = {
    apiVersion: "policy/v1",
    kind: "Eviction",
    metadata: { namespace, name },
    ...(gracePeriodSeconds === undefined ? {} : { deleteOptions: { gracePeriodSeconds } }),
  }
  try {
    await client.createSubresource(PodKind, { ...keyOf(pod), subresource: "eviction" }, eviction)
    return "evicted"
  } catch (error) {
    if (!(error instanceof ApiError)) return messageOf(error)
    if (error.code === 404 && error.details?.name === name) return "gone"
    const causes = error.details?.causes ?? []
    if (error.code === 429) {
      return [error.message, ...causes.map((cause) => cause.message)].filter(Boolean).join(" ")
    }
    const isTerminating = causes.some((cause) => cause.reason === terminatingCause)
    return isTerminating ? "its namespace is being terminated" : error.message
  }
}
