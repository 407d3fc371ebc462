import { type Node, NodeKind } from "#apis"
import { formatTime, messageOf } from "#base"
import { done, type Phase, waitFor } from "#controller"
import {
  attachedVolumes,
  type Connected,
  drainNode,
  isNodeUnreachable,
  type WorkloadClusters,
} from "#workload"
import { lookExternal, objectOf } from "../external-object.ts"
import { mayDrain, mayWaitForVolumes, type NodeWorkInput } from "./deletion-rules.ts"
import { keepNode } from "./keep-node.ts"
import type { MachineScope } from "./machine-access.ts"

const retryMs = 20_000

/** Evicts the Pods of the Node, pass by pass, before its machine goes. */
export function drain(workloads: WorkloadClusters): Phase<MachineScope> {
  return async function drain(scope) {
    if (!mayDrain(await nodeWork(scope)) || (await keepNode(scope)) !== undefined) return done
    const now = formatTime(scope.clock.now())
    scope.editStatus((status) => {
      status.deletion = { nodeDrainStartTime: now, ...status.deletion }
    })
    const startedAt = scope.object.status?.deletion?.nodeDrainStartTime
    const name = scope.object.status?.nodeRef?.name ?? ""
    try {
      const found = await findNode(scope, workloads)
      if (!found) return done
      const { client, node } = found
      const report = await drainNode({ client, node, clock: scope.clock })
      if (report.isComplete) {
        if (!isVolumeWaitBegun(scope)) {
          scope.event("Normal", "SuccessfulDrainNode", `drained Node ${name}`)
        }
        return done
      }
      const message = [`Drain not completed yet (started at ${startedAt}):`, ...report.lines]
      return waitFor("DrainingNode", { message: message.join("\n"), afterMs: retryMs })
    } catch (error) {
      const problem = messageOf(error)
      scope.event("Warning", "FailedDrainNode", `drain Node ${name}: ${problem}`)
      const message = `Drain not completed yet (started at ${startedAt}):\n* ${problem}`
      return waitFor("DrainingNode", { message, afterMs: retryMs })
    }
  }
}

/** Waits until the Node's volumes are detached: the disks may go with the machine. */
export function awaitVolumes(workloads: WorkloadClusters): Phase<MachineScope> {
  return async function awaitVolumes(scope) {
    const work = await nodeWork(scope)
    if (!mayWaitForVolumes(work) || (await keepNode(scope)) !== undefined) return done
    const isFirst = !isVolumeWaitBegun(scope)
    const now = formatTime(scope.clock.now())
    scope.editStatus((status) => {
      status.deletion = { waitForNodeVolumeDetachStartTime: now, ...status.deletion }
    })
    const startedAt = scope.object.status?.deletion?.waitForNodeVolumeDetachStartTime
    const name = scope.object.status?.nodeRef?.name ?? ""
    try {
      const found = await findNode(scope, workloads)
      if (!found || isNodeUnreachable(found.node)) return done
      const volumes = await attachedVolumes(found.client, found.node, scope.clock.now())
      if (volumes.length === 0) {
        if (!isFirst) {
          scope.event("Normal", "NodeVolumesDetached", `volumes of Node ${name} are detached`)
        }
        return done
      }
      const message = `Waiting for Node volumes to be detached (started at ${startedAt})\n* ${volumes.join(", ")}`
      return waitFor("WaitingForVolumeDetach", { message, afterMs: retryMs })
    } catch (error) {
      const problem = messageOf(error)
      scope.event("Warning", "FailedWaitForVolumeDetach", `volumes of Node ${name}: ${problem}`)
      const message = `Waiting for Node volumes to be detached (started at ${startedAt})\n* ${problem}`
      return waitFor("WaitingForVolumeDetach", { message, afterMs: retryMs })
    }
  }
}

function isVolumeWaitBegun(scope: MachineScope): boolean {
  return scope.object.status?.deletion?.waitForNodeVolumeDetachStartTime !== undefined
}

async function nodeWork(scope: MachineScope): Promise<NodeWorkInput> {
  const machine = scope.object
  const look = await lookExternal(scope, machine.spec.infrastructureRef)
  return { machine, infrastructure: objectOf(look), nowMs: scope.clock.now() }
}

/** Read live; undefined when the Node is gone. Throws `WorkloadUnavailableError`. */
async function findNode(
  scope: MachineScope,
  workloads: WorkloadClusters,
): Promise<(Pick<Connected, "client"> & { readonly node: Node }) | undefined> {
  const { spec, status } = scope.object
  const key = { namespace: scope.key.namespace, name: spec.clusterName }
  const { client } = workloads.cluster(key).connected()
  const node = status?.nodeRef && (await client.find(NodeKind, { name: status.nodeRef.name }))
  return node && { client, node }
}
