import { type MachineStatus, type Node, NodeKind } from "#apis"
import { readInfraMachine } from "#contract"
import { done, type Draft, type Phase, waitFor } from "#controller"
import { findNodeByProviderId, type WorkloadClusters } from "#workload"
import { lookExternal, objectOf } from "../external-object.ts"
import type { MachineScope } from "./machine-access.ts"
import { nodePatchOf } from "./node-patch.ts"
import { deploymentOf, machineSetOf } from "./machine-owners.ts"

type NodeInfo = NonNullable<Draft<MachineStatus>["nodeInfo"]>

/** Finds the Machine's Node by provider ID, remembers it, and keeps its labels and taints. */
export function followNode(workloads: WorkloadClusters): Phase<MachineScope> {
  return async function followNode(scope) {
    const machine = scope.object
    const { providerID, clusterName, infrastructureRef } = machine.spec
    const key = { namespace: scope.key.namespace, name: clusterName }
    const { state } = workloads.cluster(key)
    if (providerID === undefined) {
      const message = `waiting for ${infrastructureRef.kind} to report spec.providerID`
      return waitFor("WaitingForProviderID", { message, stop: false })
    }
    if (state.kind === "disconnected") {
      const { message } = state
      return waitFor("WaitingForRemoteConnection", { message, stop: false })
    }
    const node = findNodeByProviderId(state.nodes, providerID)
    if (!node) {
      const message = `waiting for a Node with spec.providerID ${providerID}`
      return waitFor("WaitingForNode", { message, stop: false })
    }
    if (!machine.status?.nodeRef) {
      scope.event("Normal", "SuccessfulSetNodeRef", node.metadata.name)
    }
    scope.editStatus((status) => {
      status.nodeRef ??= { name: node.metadata.name }
      const info = nodeInfoOf(node)
      if (info) status.nodeInfo = info
    })
    const patch = await desiredPatch(scope, node)
    if (patch) {
      await state.client.patch(NodeKind, { name: node.metadata.name }, patch.patch)
      if (patch.isNewlyInterruptible) {
        scope.event("Normal", "SuccessfulSetInterruptibleNodeLabel", node.metadata.name)
      }
    }
    return done
  }
}

async function desiredPatch(scope: MachineScope, node: Node) {
  const machine = scope.object
  const { infrastructureRef } = machine.spec
  const infra = objectOf(await lookExternal(scope, infrastructureRef))
  return nodePatchOf({
    node,
    machine,
    machineSet: machineSetOf(scope),
    deployment: deploymentOf(scope),
    isInterruptible: infra !== undefined && readInfraMachine(infra).isInterruptible,
  })
}

/** What the kubelet says about its host: just what the schema knows, and all that it wants. */
function nodeInfoOf(node: Node): NodeInfo | undefined {
  const info: Partial<NodeInfo> | undefined = node.status?.nodeInfo
  return (
    info && {
      architecture: info.architecture ?? "",
      bootID: info.bootID ?? "",
      containerRuntimeVersion: info.containerRuntimeVersion ?? "",
      kernelVersion: info.kernelVersion ?? "",
      kubeProxyVersion: info.kubeProxyVersion ?? "",
      kubeletVersion: info.kubeletVersion ?? "",
      machineID: info.machineID ?? "",
      operatingSystem: info.operatingSystem ?? "",
      osImage: info.osImage ?? "",
      systemUUID: info.systemUUID ?? "",
    }
  )
}
