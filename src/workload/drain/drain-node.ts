import { DaemonSetKind, type Node, NodeKind, type Pod, PodKind } from "#apis"
import type { Clock } from "#base"
import type { Client } from "#client"
import { controllerOf } from "#meta"
import { isNodeUnreachable } from "../node-lookup.ts"
import { type DrainReport, reportOf } from "./drain-report.ts"
import { evictPods } from "./evict-pods.ts"
import { planPods } from "./pod-plan.ts"

export interface DrainOptions {
  readonly client: Client
  readonly node: Node
  readonly clock: Clock
}

/**
 * One pass of draining: cordons the Node, evicts the Pods whose turn it is, and says what is left.
 * Disruption budgets are respected, also on a Node that does not answer.
 */
export async function drainNode({ client, node, clock }: DrainOptions): Promise<DrainReport> {
  const { name } = node.metadata
  if (node.spec?.unschedulable !== true) {
    const body = { spec: { unschedulable: true } }
    await client.patch(NodeKind, { name }, { type: "merge", body })
  }
  const isUnreachable = isNodeUnreachable(node)
  const pods = await podsOf(client, name)
  const daemonSets = await existingDaemonSets(client, pods)
  const plan = planPods({ pods, daemonSets, isUnreachable, nowMs: clock.now() })
  const gracePeriodSeconds = isUnreachable ? 1 : undefined
  const evictions = await evictPods(client, plan.evict, { clock, gracePeriodSeconds })
  return reportOf(plan, evictions)
}

/** All Pods that are bound to the Node. */
export async function podsOf(client: Client, nodeName: string): Promise<readonly Pod[]> {
  return client.listAll(PodKind, { fieldSelector: `spec.nodeName=${nodeName}` })
}

async function existingDaemonSets(
  client: Client,
  pods: readonly Pod[],
): Promise<ReadonlySet<string>> {
  const named = new Map<string, { readonly namespace: string | undefined; readonly name: string }>()
  for (const pod of pods) {
    const owner = controllerOf(pod)
    if (owner?.kind !== "DaemonSet") continue
    const { namespace } = pod.metadata
    named.set(`${namespace}/${owner.name}`, { namespace, name: owner.name })
  }
  const found = new Set<string>()
  for (const [text, key] of named) {
    if (await client.find(DaemonSetKind, key)) found.add(text)
  }
  return found
}
