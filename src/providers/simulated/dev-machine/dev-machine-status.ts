import type { DevMachine, Machine } from "#apis"
import type { Observation, Observed, ReconcileResult } from "#controller"
import { isConditionTrue } from "#meta"
import { isControlPlane, machineFacts } from "./machine-facts.ts"
import { startedAt, startupOf, type StageProgress, stages } from "./machine-startup.ts"

/** The condition types that the DevMachine controller owns. */
export const devMachineConditionTypes = ["Ready", "Paused", ...stages]

export interface DevMachineStatusInput {
  readonly object: DevMachine
  readonly machine: Machine | undefined
  readonly nowMs: number
  /** The machine has a Node. */
  readonly isUp: boolean
  readonly result: ReconcileResult
}

/** The status of a simulated machine: a condition for each of its parts. */
export function devMachineStatus(input: DevMachineStatusInput): Observed<DevMachine> {
  const { object, machine, nowMs, isUp, result } = input
  const isProvisioned = isUp || object.status?.initialization?.provisioned === true
  const { address, name } = machineFacts(object, machine)
  const addresses = [
    { type: "Hostname", address: name },
    { type: "InternalIP", address },
    { type: "ExternalIP", address },
  ] as const
  const parts = startupOf(object, isControlPlane(object, machine), nowMs)
  return {
    ...(isProvisioned ? { initialization: { provisioned: true }, addresses } : {}),
    conditions: [
      ...parts.map((part) => partCondition(input, part)),
      isUp && !result.deleting
        ? { type: "Ready", status: "True", reason: "Ready" }
        : { type: "Ready", status: "False", ...reasonOf(result) },
    ],
  }
}

/** Once up, a part stays up until the machine goes. */
function partCondition(input: DevMachineStatusInput, part: StageProgress): Observation {
  const { object, isUp, result } = input
  const { stage: type, remainingMs } = part
  const isOver = startedAt(object) !== undefined && remainingMs === 0
  const isTrue = isUp || isConditionTrue(object, type) || (isOver && type !== "NodeProvisioned")
  return isTrue
    ? { type, status: "True", reason: "Provisioned" }
    : { type, status: "False", ...reasonOf(result) }
}

function reasonOf({ deleting, waits, error }: ReconcileResult): {
  readonly reason: string
  readonly message: string
} {
  const [wait] = waits
  if (deleting) return { reason: "Deleting", message: "" }
  if (wait) return { reason: wait.reason, message: wait.message }
  return { reason: "InternalError", message: error?.message ?? "" }
}
