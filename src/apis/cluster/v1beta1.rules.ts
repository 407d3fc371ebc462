import {
  contractReference,
  duration,
  templateReference,
  zeroMeansUnset,
} from "../conversion/codec.ts"
import { putAt, valueAt } from "../conversion/path.ts"
import {
  adjust,
  hubOnly,
  itemsCodec,
  move,
  oldOnly,
  recode,
  type Rule,
} from "../conversion/rule.ts"

/** The timeouts that the hub groups under `deletion`. */
export const deletionTimeoutRules: readonly Rule[] = [
  move("nodeDrainTimeout", "deletion.nodeDrainTimeoutSeconds", duration),
  move("nodeVolumeDetachTimeout", "deletion.nodeVolumeDetachTimeoutSeconds", duration),
  move("nodeDeletionTimeout", "deletion.nodeDeletionTimeoutSeconds", duration),
]

/** What differs inside a Machine's spec; where `minReadySeconds` goes is up to the kind. */
export const machineSpecRules: readonly Rule[] = [
  recode("bootstrap.configRef", contractReference),
  recode("infrastructureRef", contractReference),
  ...deletionTimeoutRules,
]

/** The hub requires the type that v1beta1 defaults to. */
const explicitStrategyType = adjust("toHub", (draft) => {
  if (valueAt(draft, "rollout.strategy") === undefined) return
  if (valueAt(draft, "rollout.strategy.type") !== undefined) return
  putAt(draft, "rollout.strategy.type", "RollingUpdate")
})

/** Rolling update settings that the hub keeps in three places. */
export function strategyRules(maxInFlight: string): readonly Rule[] {
  return [
    move("strategy.type", "rollout.strategy.type"),
    move("strategy.rollingUpdate.maxSurge", "rollout.strategy.rollingUpdate.maxSurge"),
    move("strategy.rollingUpdate.maxUnavailable", "rollout.strategy.rollingUpdate.maxUnavailable"),
    move("strategy.rollingUpdate.deletePolicy", "deletion.order"),
    move("strategy.remediation.maxInFlight", maxInFlight),
    oldOnly("strategy"),
    explicitStrategyType,
  ]
}

const timedConditions = itemsCodec([move("timeout", "timeoutSeconds", duration)])

/** `machineHealthCheck` of a topology against the hub's `healthCheck`. */
export const healthCheckRules: readonly Rule[] = [
  move("machineHealthCheck.enable", "healthCheck.enabled"),
  move(
    "machineHealthCheck.unhealthyConditions",
    "healthCheck.checks.unhealthyNodeConditions",
    timedConditions,
  ),
  move(
    "machineHealthCheck.unhealthyMachineConditions",
    "healthCheck.checks.unhealthyMachineConditions",
    timedConditions,
  ),
  move(
    "machineHealthCheck.nodeStartupTimeout",
    "healthCheck.checks.nodeStartupTimeoutSeconds",
    duration,
  ),
  move(
    "machineHealthCheck.maxUnhealthy",
    "healthCheck.remediation.triggerIf.unhealthyLessThanOrEqualTo",
  ),
  move("machineHealthCheck.unhealthyRange", "healthCheck.remediation.triggerIf.unhealthyInRange"),
  move(
    "machineHealthCheck.remediationTemplate",
    "healthCheck.remediation.templateRef",
    templateReference,
  ),
  oldOnly("machineHealthCheck"),
]

/** Conditions change names: old ones become deprecated, `v1beta2.conditions` the conditions. */
export const conditionRules: readonly Rule[] = [
  move("status.conditions", "status.deprecated.v1beta1.conditions"),
  move("status.v1beta2.conditions", "status.conditions"),
  oldOnly("status.v1beta2"),
  hubOnly("status.deprecated"),
]

/** What v1beta1 called terminal failures. */
export const failureRules: readonly Rule[] = [
  move("status.failureReason", "status.deprecated.v1beta1.failureReason"),
  move("status.failureMessage", "status.deprecated.v1beta1.failureMessage"),
]

/** Counters of the same name with another meaning. */
export const replicaRules: readonly Rule[] = ["readyReplicas", "availableReplicas"].flatMap(
  (counter) => [
    move(`status.${counter}`, `status.deprecated.v1beta1.${counter}`),
    move(`status.v1beta2.${counter}`, `status.${counter}`),
  ],
)

/** A boolean that says that something happened once. */
export function initialized(old: string, hub: string): Rule {
  return move(`status.${old}`, `status.initialization.${hub}`, zeroMeansUnset)
}
