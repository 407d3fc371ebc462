import type { Cluster } from "#apis"
import { external, type Trigger } from "#controller"
import { keyText, type ObjectKey } from "#meta"
import type { WorkloadClusters, WorkloadState } from "#workload"
import type { KubeadmConfigScope } from "./kubeadm-config-access.ts"

/** Which configs wait for the connection to which cluster; after a restart all ask again. */
export class AwaitedConnections {
  readonly #workloads: WorkloadClusters
  readonly #waiting = new Map<string, Map<string, ObjectKey>>()

  /** Fires for the configs that waited. */
  readonly trigger: Trigger = external("workload-connections", (enqueue) =>
    this.#workloads.subscribe((event) => {
      if (event.type !== "connection") return
      const keys = this.#waiting.get(keyText(event.cluster))
      this.#waiting.delete(keyText(event.cluster))
      for (const key of keys?.values() ?? []) enqueue(key)
    }),
  )

  constructor(workloads: WorkloadClusters) {
    this.#workloads = workloads
  }

  /** The connection; without one, the config is looked at again once there is. */
  stateFor(scope: KubeadmConfigScope, cluster: Cluster): WorkloadState {
    const { state } = this.#workloads.cluster(cluster.metadata)
    if (state.kind !== "connected") {
      const text = keyText(cluster.metadata)
      const others = this.#waiting.get(text) ?? new Map<string, ObjectKey>()
      this.#waiting.set(text, others.set(keyText(scope.key), scope.key))
    }
    return state
  }
}
