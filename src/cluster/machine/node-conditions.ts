import type { Cluster, Machine, Node } from "#apis"
import { formatTime } from "#base"
import { observationOf } from "#contract"
import type { Observation } from "#controller"
import { findCondition } from "#meta"

/** What is known about the way to the Node. */
export interface NodeSight {
  readonly cluster: Cluster | undefined
  readonly machine: Machine
  readonly isConnected: boolean
  /** When the workload API answered last. */
  readonly lastProbeMs: number | undefined
  readonly silentSinceMs: number
  readonly node: Node | undefined
  /** Why the Node could not be told, when it could not. */
  readonly problem: string | undefined
  readonly nowMs: number
}

/** A workload API that does not answer for longer makes what we knew of its Nodes void. */
export const connectionGraceMs = 5 * 60_000

const pressures = ["MemoryPressure", "DiskPressure", "PIDPressure"]

/** The Machine's `NodeReady` and `NodeHealthy`. */
export function nodeConditions(sight: NodeSight): readonly [Observation, Observation] {
  const { cluster, machine, node, problem } = sight
  if (!cluster) {
    const message = `Cluster ${machine.spec.clusterName} does not exist`
    return both("Unknown", "InspectionFailed", message)
  }
  if (cluster.status?.initialization?.infrastructureProvisioned !== true) {
    return both("Unknown", "InspectionFailed", "Waiting for the Cluster's infrastructure")
  }
  const initialized = findCondition(cluster, "ControlPlaneInitialized")
  if (initialized?.status !== "True" && !node) {
    return both("Unknown", "InspectionFailed", "Waiting for the Cluster's control plane")
  }
  const down = connectionDown(sight, initialized?.lastTransitionTime)
  if (down) return down
  if (problem !== undefined) return both("Unknown", "InternalError", problem)
  if (node) return [nodeReady(node), nodeHealthy(node)]
  return withoutNode(machine)
}

/** Short interruptions leave standing what was seen last. */
function connectionDown(
  sight: NodeSight,
  initializedAt: string | undefined,
): readonly [Observation, Observation] | undefined {
  const { machine, isConnected, lastProbeMs, silentSinceMs, nowMs } = sight
  if (isConnected) return undefined
  const ready = observationOf(machine, "NodeReady")
  const healthy = observationOf(machine, "NodeHealthy")
  const sinceMs = Math.max(silentSinceMs, initializedAt ? Date.parse(initializedAt) : 0)
  if (ready && healthy && nowMs - sinceMs <= connectionGraceMs) return [ready, healthy]
  const message =
    lastProbeMs === undefined
      ? "No connection to the workload cluster yet"
      : `The workload cluster answered last at ${formatTime(lastProbeMs)}`
  return both("Unknown", "ConnectionDown", message)
}

function withoutNode(machine: Machine): readonly [Observation, Observation] {
  const { nodeRef } = machine.status ?? {}
  const { providerID, infrastructureRef } = machine.spec
  if (machine.metadata.deletionTimestamp !== undefined) {
    return nodeRef
      ? both("False", "NodeDeleted", `Node ${nodeRef.name} has been deleted`)
      : both("Unknown", "NodeDoesNotExist", "Node does not exist")
  }
  if (nodeRef) {
    const message = `Node ${nodeRef.name} has been deleted while the Machine still exists`
    return both("False", "NodeDeleted", message)
  }
  const message =
    providerID === undefined
      ? `Waiting for ${infrastructureRef.kind} to report spec.providerID`
      : `Waiting for a Node with spec.providerID ${providerID}`
  return both("Unknown", "InspectionFailed", message)
}

function nodeReady(node: Node): Observation {
  const ready = node.status?.conditions?.find((condition) => condition.type === "Ready")
  const status = ready?.status ?? "Unknown"
  const reasons = { True: "NodeReady", False: "NodeNotReady", Unknown: "NodeReadyUnknown" } as const
  const message = ready
    ? status !== "True" && ready.message
      ? `* Node.Ready: ${ready.message}`
      : ""
    : "* Node.Ready: Condition not yet reported"
  return { type: "NodeReady", status, reason: reasons[status], message }
}

interface Finding {
  readonly type: string
  readonly severity: "issue" | "unknown"
  readonly message: string
  readonly isReported: boolean
}

function nodeHealthy(node: Node): Observation {
  const findings = ["Ready", ...pressures].flatMap((type) => findingOf(node, type))
  const message = findingsText(findings)
  const type = "NodeHealthy"
  if (findings.some((finding) => finding.severity === "issue")) {
    return { type, status: "False", reason: "NodeNotHealthy", message }
  }
  return findings.length > 0
    ? { type, status: "Unknown", reason: "NodeHealthyUnknown", message }
    : { type, status: "True", reason: "NodeHealthy", message }
}

function findingOf(node: Node, type: string): readonly Finding[] {
  const condition = node.status?.conditions?.find((candidate) => candidate.type === type)
  if (!condition) {
    const message = "Condition not yet reported"
    return [{ type, severity: "unknown", message, isReported: false }]
  }
  if (condition.status === (type === "Ready" ? "True" : "False")) return []
  const message = condition.message || `Condition is ${condition.status}`
  const severity = condition.status === "Unknown" ? "unknown" : "issue"
  return [{ type, severity, message, isReported: true }]
}

/** A kubelet that is gone gives all conditions one message: said once. */
function findingsText(findings: readonly Finding[]): string {
  const reported = findings.filter((finding) => finding.isReported)
  const messages = new Set(reported.map((finding) => finding.message))
  if (reported.length > 1 && messages.size === 1) {
    return `* Node.AllConditions: ${[...messages].join("")}`
  }
  return findings.map(({ type, message }) => `* Node.${type}: ${message}`).join("\n")
}

function both(
  status: Observation["status"],
  reason: string,
  message: string,
): readonly [Observation, Observation] {
  return [
    { type: "NodeReady", status, reason, message },
    { type: "NodeHealthy", status, reason, message },
  ]
}
