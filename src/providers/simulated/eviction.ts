import type { ApiServer } from "#apiserver"
import { type Pod, type PodDisruptionBudget, PodDisruptionBudgetKind } from "#apis"
import { ApiError, type ApiObject, matchesSelector, selectorOf } from "#meta"

/** `pods/eviction`: deletes the pod unless a disruption budget says no, as drains expect. */
export function addEviction(server: ApiServer): void {
  server.subresources.add({ group: "", plural: "pods" }, "eviction", {
    create: async (call) => {
      const pod = server.verbs.show(call.resource, server.verbs.get(call)) as Pod
      const refusing = budgetsOf(server, pod).find(
        (budget) => (budget.status?.disruptionsAllowed ?? 0) <= 0,
      )
      if (refusing) throw refused(refusing)
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

function budgetsOf(server: ApiServer, pod: Pod): readonly PodDisruptionBudget[] {
  return server.caches
    .view(PodDisruptionBudgetKind)
    .list(pod.metadata.namespace)
    .filter((budget) => {
      const selector = selectorOf(budget.spec?.selector)
      return selector !== undefined && matchesSelector(selector, pod.metadata.labels)
    })
}

function refused(budget: PodDisruptionBudget): ApiError {
  const { name } = budget.metadata
  return new ApiError(
    429,
    "TooManyRequests",
    "Cannot evict pod as it would violate the pod's disruption budget.",
    {
      details: {
        causes: [
          {
            reason: "DisruptionBudget",
            message: `The disruption budget ${name} needs ${budget.status?.desiredHealthy ?? 0} healthy pods and has ${budget.status?.currentHealthy ?? 0} currently`,
          },
        ],
      },
    },
  )
}
