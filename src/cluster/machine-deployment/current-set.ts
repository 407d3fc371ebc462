import type { MachineDeployment, MachineSet } from "#apis"
import { templateDifferences } from "../template-comparison.ts"

export interface SplitSets {
  /** The set with the deployment's template; undefined when it has still to be made. */
  readonly current: MachineSet | undefined
  readonly old: readonly MachineSet[]
}

/**
 * Finds the set that the deployment wants now: with its template and, once `rollout.after` has
 * passed, made since then. Of several the one with the most Machines, so that few have to move.
 */
export function splitSets(
  deployment: MachineDeployment,
  machineSets: readonly MachineSet[],
  nowMs: number,
): SplitSets {
  const { template, rollout } = deployment.spec
  const afterMs = rollout?.after === undefined ? undefined : Date.parse(rollout.after)
  const isFresh = ({ metadata }: MachineSet): boolean =>
    afterMs === undefined ||
    afterMs > nowMs ||
    Date.parse(metadata.creationTimestamp ?? "") >= afterMs
  const [current] = machineSets
    .filter(
      (machineSet) =>
        machineSet.metadata.deletionTimestamp === undefined &&
        isFresh(machineSet) &&
        templateDifferences(machineSet.spec.template, template).length === 0,
    )
    .toSorted((left, right) => (right.spec.replicas ?? 0) - (left.spec.replicas ?? 0))
  return { current, old: machineSets.filter((machineSet) => machineSet !== current) }
}

/** How long until `rollout.after` asks for new Machines; undefined when it does not. */
export function rolloutDueInMs(deployment: MachineDeployment, nowMs: number): number | undefined {
  const { after } = deployment.spec.rollout ?? {}
  const dueMs = after === undefined ? 0 : Date.parse(after) - nowMs
  return dueMs > 0 ? dueMs : undefined
}
