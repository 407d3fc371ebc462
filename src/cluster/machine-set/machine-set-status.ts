import type { MachineSet } from "#apis"
import type { Observed, ReconcileResult } from "#controller"
import { isConditionTrue } from "#meta"
import { versionsOf } from "../machine-versions.ts"
import { blockedBy, scalingConditions, selectorText } from "../scaling-status.ts"
import { machinesOf, type MachineSetScope } from "./machine-set-access.ts"

/** The condition types that the MachineSet controller owns. */
export const machineSetConditionTypes = [
  "MachinesReady",
  "MachinesUpToDate",
  "ScalingUp",
  "ScalingDown",
  "Remediating",
  "Deleting",
  "Paused",
]

const blockingReasons = ["TemplateDoesNotExist", "PreflightChecksFailed", "MachineCreationDisabled"]

export function observeMachineSet(
  scope: MachineSetScope,
  result: ReconcileResult,
): Observed<MachineSet> {
  const machineSet = scope.object
  const machines = machinesOf(scope)
  const isDeleting = machineSet.metadata.deletionTimestamp !== undefined
  const desired = isDeleting ? 0 : (machineSet.spec.replicas ?? 0)
  const current = machines.length
  const count = (type: string): number =>
    machines.filter((machine) => isConditionTrue(machine, type)).length
  const blocked = blockedBy(result, blockingReasons)
  return {
    selector: selectorText(machineSet),
    replicas: current,
    readyReplicas: count("Ready"),
    availableReplicas: count("Available"),
    upToDateReplicas: count("UpToDate"),
    versions: versionsOf(machines),
    conditions: scalingConditions(
      { desired, current, isDeleting, blocked },
      machines,
      scope.clock.now(),
    ),
  }
}
