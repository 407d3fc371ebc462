import type { RemoteMachine } from "#apis"
import type { Observation, Observed, Outcome, ReconcileResult } from "#controller"
import { isConditionTrue } from "#meta"

import { nodeLinkedCondition } from "./link-node.phase.ts"
import { isProvisioned, type MachineScope } from "./remote-machine-access.ts"

export const hostReservedCondition = "HostReserved"
export const bootstrapCondition = "BootstrapExecSucceeded"

export const machineConditions = [
  "Ready",
  "Paused",
  bootstrapCondition,
  hostReservedCondition,
  nodeLinkedCondition,
] as const

/** What the phases came to that have a condition of their own. */
export interface PhaseOutcomes {
  readonly pool: Outcome | undefined
  readonly node: Outcome | undefined
}

export function machineStatus(
  scope: MachineScope,
  result: ReconcileResult,
  outcomes: PhaseOutcomes,
): Observed<RemoteMachine> {
  const { conditions: _, ...status } = scope.object.status ?? {}
  return {
    ...status,
    conditions: [
      readyCondition(scope, result),
      bootstrapObservation(scope, result),
      ...reservation(scope, outcomes.pool),
      ...nodeObservation(scope, result, outcomes.node),
    ],
  }
}

/** What stops the machine: a wait that lets later phases run does not. */
function blockOf(result: ReconcileResult): { reason: string; message: string } | undefined {
  const wait = result.waits.find(({ stop }) => stop)
  if (wait) return wait
  return result.error && { reason: "InternalError", message: result.error.message }
}

function readyCondition(scope: MachineScope, result: ReconcileResult): Observation {
  const block = blockOf(result)
  if (result.deleting) {
    const { reason = "Deleting", message = "" } = block ?? {}
    return { type: "Ready", status: "False", reason, message }
  }
  if (isProvisioned(scope.object)) return { type: "Ready", status: "True", reason: "Ready" }
  const { reason = "NotReady", message = "" } = block ?? {}
  return { type: "Ready", status: "False", reason, message }
}

function bootstrapObservation(scope: MachineScope, result: ReconcileResult): Observation {
  const type = bootstrapCondition
  if (isProvisioned(scope.object)) return { type, status: "True", reason: bootstrapCondition }
  const { reason = "NotStarted", message = "" } = blockOf(result) ?? {}
  return { type, status: "False", reason, message }
}

function reservation(scope: MachineScope, outcome: Outcome | undefined): readonly Observation[] {
  const { pool, address } = scope.object.spec ?? {}
  if (pool === undefined) return []
  const type = hostReservedCondition
  if (outcome?.kind === "wait") {
    return [{ type, status: "False", reason: outcome.reason, message: outcome.message }]
  }
  return outcome || address !== undefined
    ? [{ type, status: "True", reason: "Reserved", message: `${address} of pool ${pool}` }]
    : [{ type, status: "False", reason: "NotReserved" }]
}

function nodeObservation(
  scope: MachineScope,
  result: ReconcileResult,
  outcome: Outcome | undefined,
): readonly Observation[] {
  if (!isProvisioned(scope.object)) return []
  const type = nodeLinkedCondition
  if (outcome?.kind === "wait") {
    return [{ type, status: "False", reason: outcome.reason, message: outcome.message }]
  }
  const isLinked = outcome?.kind === "done" || isConditionTrue(scope.object, type)
  if (isLinked) return [{ type, status: "True", reason: "Linked" }]
  const message = result.error?.message ?? ""
  return [{ type, status: "False", reason: "NotLinked", message }]
}
