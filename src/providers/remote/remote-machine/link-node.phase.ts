import { MachineKind, type Node, NodeKind, type RemoteMachine } from "#apis"
import { done, type Enqueue, external, type Outcome, type Trigger, waitFor } from "#controller"
import { isConditionTrue, keyText, type ObjectKey } from "#meta"
import type { WorkloadClusters } from "#workload"

import { machineNameLabel } from "../annotations.ts"
import {
  clusterOf,
  isProvisioned,
  type MachineScope,
  ownerMachine,
} from "./remote-machine-access.ts"
import { portable } from "../pool.ts"

/** True for machines whose Node carries their identity. */
export const nodeLinkedCondition = "NodeLinked"

/** The machine's labels and annotations reach the Machine where it has none of that name. */
export async function copyLabels(scope: MachineScope): Promise<Outcome> {
  const machine = ownerMachine(scope)
  if (!machine || !isProvisioned(scope.object)) return done
  const labels = missingIn(machine.metadata.labels, portable(scope.object.metadata.labels))
  const annotations = missingIn(
    machine.metadata.annotations,
    portable(scope.object.metadata.annotations),
  )
  if (!labels && !annotations) return done
  const { namespace, name } = machine.metadata
  const body = {
    metadata: { ...(labels ? { labels } : {}), ...(annotations ? { annotations } : {}) },
  }
  await scope.patch(MachineKind, { namespace, name }, { type: "merge", body })
  return done
}

/** Machines whose Nodes are looked for, by cluster: who is to hear of that cluster's Nodes. */
export class NodeLinks {
  readonly #workloads: WorkloadClusters
  readonly #machines = new Map<string, Map<string, ObjectKey>>()

  constructor(workloads: WorkloadClusters) {
    this.#workloads = workloads
  }

  readonly trigger: Trigger = external("workload", (enqueue: Enqueue) =>
    this.#workloads.subscribe((event) => {
      if (event.type === "node" && isLinked(event.node)) return
      for (const key of this.#machines.get(keyText(event.cluster))?.values() ?? []) enqueue(key)
    }),
  )

  /** Gives the machine's Node its identity, as soon as there is one. */
  readonly linkNode = async (scope: MachineScope): Promise<Outcome> => {
    const machine = ownerMachine(scope)
    const cluster = clusterOf(scope)
    const { object } = scope
    const providerId = object.spec?.providerID
    if (!machine || !cluster || !providerId || !isProvisioned(object) || hasNoNode(machine)) {
      return done
    }
    const { namespace, name } = cluster.metadata
    this.#follow(keyText({ namespace, name }), scope.key)
    const { state } = this.#workloads.cluster({ namespace, name })
    const wasLinked = isConditionTrue(object, nodeLinkedCondition)
    if (state.kind !== "connected") {
      if (wasLinked) return done
      const message = `Cluster ${name} cannot be reached: ${state.message}`
      return waitFor("WaitingForWorkloadCluster", { message, stop: false })
    }
    const node = nodeOf(state.nodes.list(), object, machine.metadata.name)
    if (!node) {
      const message = `Cluster ${name} has no Node at ${object.spec?.address}`
      return waitFor("WaitingForNode", { message, stop: false })
    }
    const { providerID } = node.spec ?? {}
    if (providerID && providerID !== providerId) {
      const message = `Node ${node.metadata.name} is ${providerID}, not ${providerId}`
      return waitFor("ProviderIDMismatch", { message, stop: false })
    }
    const isNamed = node.metadata.labels?.[machineNameLabel] === machine.metadata.name
    if (!providerID || !isNamed) {
      const labels = { [machineNameLabel]: machine.metadata.name }
      const body = { metadata: { labels }, spec: { providerID: providerId } }
      await state.client.patch(NodeKind, { name: node.metadata.name }, { type: "merge", body })
    }
    return done
  }

  forget(key: ObjectKey): void {
    for (const machines of this.#machines.values()) machines.delete(keyText(key))
  }

  #follow(cluster: string, key: ObjectKey): void {
    const machines = this.#machines.get(cluster) ?? new Map<string, ObjectKey>()
    machines.set(keyText(key), key)
    this.#machines.set(cluster, machines)
  }
}

function isLinked(node: Node): boolean {
  return Boolean(node.spec?.providerID && node.metadata.labels?.[machineNameLabel])
}

/** Controllers of k0s run no kubelet unless told to. */
function hasNoNode(machine: {
  readonly metadata: { readonly labels?: Readonly<Record<string, string>> | undefined }
  readonly spec: {
    readonly bootstrap: { readonly configRef?: { readonly kind: string } | undefined }
  }
}): boolean {
  return (
    machine.spec.bootstrap.configRef?.kind === "K0sControllerConfig" &&
    machine.metadata.labels?.["k0smotron.io/control-plane-worker-enabled"] !== "true"
  )
}

/** By what is surest first: identity, label, address, host name. */
function nodeOf(
  nodes: readonly Node[],
  object: RemoteMachine,
  machineName: string,
): Node | undefined {
  const addresses = object.status?.addresses ?? []
  const own = new Set(
    [object.spec?.address, ...addresses.map(({ address }) => address)]
      .filter((address) => address !== undefined)
      .map((address) => address.toLowerCase()),
  )
  const hasAddress = (node: Node): boolean =>
    (node.status?.addresses ?? []).some(
      ({ type, address }) => type !== "Hostname" && own.has(address.toLowerCase()),
    )
  return (
    nodes.find(({ spec }) => spec?.providerID === object.spec?.providerID) ??
    nodes.find(({ metadata }) => metadata.labels?.[machineNameLabel] === machineName) ??
    nodes.find((node) => !node.spec?.providerID && hasAddress(node)) ??
    nodes.find((node) => !node.spec?.providerID && own.has(node.metadata.name)) ??
    nodes.find((node) => hasAddress(node))
  )
}

/** What is not there yet; undefined when nothing is missing. */
function missingIn(
  known: Readonly<Record<string, string>> | undefined,
  wanted: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> | undefined {
  const missing = Object.entries(wanted).filter(([name]) => known?.[name] === undefined)
  return missing.length === 0 ? undefined : Object.fromEntries(missing)
}
