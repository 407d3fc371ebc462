import { type Machine, MachineKind } from "#apis"
import { type ContractReference, done, type Outcome } from "#controller"
import { keyOf } from "#meta"
import { lookExternal } from "../external-object.ts"
import { patchToOwn } from "../own-fields.ts"
import { wantedOfMachine } from "./desired-machine.ts"
import { machinesOf, machineSetAccess, type MachineSetScope } from "./machine-set-access.ts"

/**
 * Carries labels, annotations and what else changes in place to the Machines. What a Machine refers
 * to gets the same changes of labels and annotations, first: the Machine itself is the record that
 * they have been made.
 */
export async function propagate(scope: MachineSetScope): Promise<Outcome> {
  const { fieldManager } = machineSetAccess
  for (const machine of machinesOf(scope)) {
    const patch = patchToOwn(machine, fieldManager, wantedOfMachine(scope.object, machine))
    if (!patch) continue
    const { metadata } = patch.body
    if (metadata) {
      await propagateTo(scope, machine, machine.spec.bootstrap.configRef, { metadata })
      await propagateTo(scope, machine, machine.spec.infrastructureRef, { metadata })
    }
    await scope.patch(MachineKind, keyOf(machine), patch)
  }
  return done
}

async function propagateTo(
  scope: MachineSetScope,
  machine: Machine,
  reference: ContractReference | undefined,
  body: object,
): Promise<void> {
  if (!reference) return
  const { namespace } = machine.metadata
  const look = await lookExternal(scope, reference)
  if (look.kind !== "found") return
  await scope.patchExternal({ ...reference, namespace }, { type: "merge", body })
}
