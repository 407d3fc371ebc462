import { annotation, type MachineDeployment, type MachineSet } from "#apis"

/** A number that grows with every template of a deployment; 0 when there is none yet. */
export function revisionOf(object: MachineSet | MachineDeployment | undefined): number {
  return Number(object?.metadata.annotations?.[annotation.revision] ?? 0)
}
