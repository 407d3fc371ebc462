import { MachineSetKind } from "#apis"
import { done, type Outcome, waitFor } from "#controller"
import { type MachineDeploymentScope, machineSetsOf } from "./machine-deployment-access.ts"

/** Deletes all sets, and with them their Machines, and waits until they are gone. */
export async function deleteMachineSets(scope: MachineDeploymentScope): Promise<Outcome> {
  for (const machineSet of machineSetsOf(scope)) {
    if (machineSet.metadata.deletionTimestamp !== undefined) continue
    await scope.delete(MachineSetKind, machineSet, { propagationPolicy: "Background" })
  }
  const left = machineSetsOf(scope).length
  if (left === 0) return done
  return waitFor("DeletingMachineSets", {
    message: `waiting for ${left} MachineSets to be deleted`,
  })
}
