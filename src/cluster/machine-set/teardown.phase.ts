import { MachineKind } from "#apis"
import { done, type Outcome, waitFor } from "#controller"
import { machinesOf, type MachineSetScope } from "./machine-set-access.ts"

/** Deletes all Machines and waits until they are gone. */
export async function deleteMachines(scope: MachineSetScope): Promise<Outcome> {
  for (const machine of machinesOf(scope)) {
    if (machine.metadata.deletionTimestamp !== undefined) continue
    await scope.delete(MachineKind, machine, { propagationPolicy: "Background" })
  }
  const left = machinesOf(scope).length
  if (left === 0) return done
  return waitFor("DeletingMachines", { message: `waiting for ${left} Machines to be deleted` })
}
