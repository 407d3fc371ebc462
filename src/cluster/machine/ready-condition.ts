import type { Machine } from "#apis"
import { observationOf, summarizeConditions, type SummaryPart } from "#contract"
import type { Observation } from "#controller"
import { findCondition } from "#meta"

const summarized = [
  "Deleting",
  "Updating",
  "BootstrapConfigReady",
  "InfrastructureReady",
  "NodeHealthy",
  "HealthCheckSucceeded",
]
const negative = ["Deleting", "Updating"]
/** What has gone along with a Machine that is being deleted is no issue. */
const goneReasons = ["ObjectDeleted", "ObjectDoesNotExist", "NodeDeleted", "NodeDoesNotExist"]
const longDeletionMs = 15 * 60_000
const longDrainMs = 5 * 60_000

/** `Ready`: the summary of the Machine's conditions and of its readiness gates. */
export function readyCondition(
  machine: Machine,
  own: readonly Observation[],
  nowMs: number,
): Observation {
  const isDeleting = machine.metadata.deletionTimestamp !== undefined
  const conditionOf = (type: string): Observation | undefined =>
    own.find((condition) => condition.type === type) ?? observationOf(machine, type)
  const parts = summarized.map((type): SummaryPart => {
    const condition = conditionOf(type)
    return {
      type,
      condition:
        type === "Deleting" && isDeleting ? shortDeleting(machine, condition, nowMs) : condition,
      polarity: negative.includes(type) ? "Negative" : "Positive",
      optional: type === "HealthCheckSucceeded",
      harmless: isDeleting && goneReasons.includes(condition?.reason ?? ""),
    }
  })
  const gates = (machine.spec.readinessGates ?? []).map((gate): SummaryPart => ({
    type: gate.conditionType,
    condition: conditionOf(gate.conditionType),
    polarity: gate.polarity,
  }))
  return summarizeConditions("Ready", [...parts, ...gates], {
    issue: "NotReady",
    unknown: "ReadyUnknown",
    fine: "Ready",
  })
}

/**
 * The Deleting condition without its particulars, so that many Machines say the same and can be
 * counted together; after a quarter of an hour it names what probably holds it up.
 */
function shortDeleting(
  machine: Machine,
  condition: Observation | undefined,
  nowMs: number,
): Observation {
  const stage = condition?.reason ?? "Deleting"
  const sinceMs = nowMs - Date.parse(machine.metadata.deletionTimestamp ?? "")
  const base = { type: "Deleting", status: "True", reason: "Deleting" } as const
  if (!(sinceMs > longDeletionMs)) {
    return { ...base, message: `Machine deletion in progress, stage: ${stage}` }
  }
  const message = `Machine deletion in progress since more than 15m, stage: ${stage}`
  const startedAt = machine.status?.deletion?.nodeDrainStartTime
  const isDraining = stage === "DrainingNode" && startedAt !== undefined
  if (!isDraining || nowMs - Date.parse(startedAt) <= longDrainMs) return { ...base, message }
  const causes = drainDelays
    .filter(({ sign }) => condition?.message?.includes(sign))
    .map(({ cause }) => cause)
  if (causes.length === 0) return { ...base, message }
  return { ...base, message: `${message}, delay likely due to ${causes.join(", ")}` }
}

/** What drain messages say, and what it comes from. */
const drainDelays = [
  { sign: "disruption budget", cause: "PodDisruptionBudgets" },
  { sign: "deletionTimestamp set", cause: "Pods not terminating" },
  { sign: "failed to evict", cause: "Pod eviction errors" },
  { sign: "waiting for completion", cause: "Pods not completed yet" },
] as const

/** `Available`: ready for `minReadySeconds`. */
export function availableCondition(
  machine: Machine,
  ready: Observation,
  nowMs: number,
): Observation {
  const type = "Available"
  if (ready.status !== "True") return { type, status: "False", reason: "NotReady" }
  return availableInMs(machine, nowMs) <= 0
    ? { type, status: "True", reason: "Available" }
    : { type, status: "False", reason: "WaitingForMinReadySeconds" }
}

/** How long a ready Machine still has to stay ready to be available; 0 or less when it is. */
export function availableInMs(machine: Machine, nowMs: number): number {
  const before = findCondition(machine, "Ready")
  const sinceMs =
    before?.status === "True" && before.lastTransitionTime
      ? Date.parse(before.lastTransitionTime)
      : nowMs
  return sinceMs + (machine.spec.minReadySeconds ?? 0) * 1000 - nowMs
}
