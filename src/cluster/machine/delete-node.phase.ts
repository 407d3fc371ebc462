import { NodeKind } from "#apis"
import { messageOf } from "#base"
import { done, type Phase, waitFor } from "#controller"
import { isNotFound } from "#meta"
import type { WorkloadClusters } from "#workload"
import { isNodeDeletionOver } from "./deletion-rules.ts"
import { keepNode } from "./keep-node.ts"
import type { MachineScope } from "./machine-access.ts"

const retryMs = 2_000

/**
 * Deletes the Node once its machine is gone; tries for `nodeDeletionTimeoutSeconds`, then lets it
 * be.
 */
export function deleteNode(workloads: WorkloadClusters): Phase<MachineScope> {
  return async function deleteNode(scope) {
    const machine = scope.object
    const { nodeRef } = machine.status ?? {}
    if (!nodeRef || (await keepNode(scope)) !== undefined) return done
    const { namespace } = scope.key
    try {
      const workload = workloads.cluster({ namespace, name: machine.spec.clusterName }).connected()
      const node = await workload.client.find(NodeKind, { name: nodeRef.name })
      // The name may have passed to another machine's Node in the meantime.
      const isOurs = node?.spec?.providerID === machine.spec.providerID
      if (!node || !isOurs) return done
      const preconditions = { uid: node.metadata.uid }
      await workload.client.delete(NodeKind, { name: nodeRef.name }, { preconditions })
      return done
    } catch (error) {
      if (isNotFound(error)) return done
      scope.event("Warning", "FailedDeleteNode", `delete Node ${nodeRef.name}: ${messageOf(error)}`)
      if (isNodeDeletionOver(machine, scope.clock.now())) return done
      const message = `Error deleting Node ${nodeRef.name}: ${messageOf(error)}`
      return waitFor("DeletingNode", { message, afterMs: retryMs })
    }
  }
}
