import type { ApiServer } from "#apiserver"
import { type Pod, PodDisruptionBudgetKind, PodKind } from "#apis"
import { ApiError, type ApiObject, matchesSelector, selectorOf } from "#meta"
import { disruptionOf } from "./disruption.ts"

/** `pods/eviction`: deletes the pod unless a disruption budget says no, as drains expect. */
export function addEviction(server: ApiServer): void {
  server.subresources.add({ group: "", plural: "pods" }, "eviction", {
    create: async (call) => {
      const pod = server.verbs.show(call.resource, server.verbs.get(call)) as Pod
      const refusal = isRunning(pod) ? refusalOf(server, pod) : undefined
      if (refusal) throw refusal
      await server.verbs.delete({ ...call, subresource: undefined }, {})
      return {
        kind: "Status",
        apiVersion: "v1",
        metadata: {},
        status: "Success",
        code: 201,
      } as unknown as ApiObject
    },
  })
}

/** Budgets do not protect pods that have not begun to run or have ended. */
function isRunning(pod: Pod): boolean {
  return pod.status?.phase === "Running" && pod.metadata.deletionTimestamp === undefined
}

function refusalOf(server: ApiServer, pod: Pod): ApiError | undefined {
  const { namespace, labels } = pod.metadata
  for (const budget of server.caches.view(PodDisruptionBudgetKind).list(namespace)) {
    const selector = selectorOf(budget.spec?.selector)
    if (!selector || !matchesSelector(selector, labels)) continue
    const protectedPods = server.caches
      .view(PodKind)
      .list(namespace)
      .filter((other) => matchesSelector(selector, other.metadata.labels))
    const { allowed, healthy, desired } = disruptionOf(budget.spec ?? {}, protectedPods)
    if (allowed > 0) continue
    const message = `The disruption budget ${budget.metadata.name} needs ${desired} healthy pods and has ${healthy} currently`
    return new ApiError(
      429,
      "TooManyRequests",
      "Cannot evict pod as it would violate the pod's disruption budget.",
      { details: { causes: [{ reason: "DisruptionBudget", message }] } },
    )
  }
  return undefined
}
