import { type ContractReference, done, type Outcome, waitFor } from "#controller"
import { lookExternalLive } from "../external-object.ts"
import type { MachineScope } from "./machine-access.ts"

/** Deletes the infrastructure object and waits until it is gone, by the server's word. */
export async function deleteInfrastructure(scope: MachineScope): Promise<Outcome> {
  const { infrastructureRef } = scope.object.spec
  return deleteReferenced(scope, infrastructureRef, "WaitingForInfrastructureDeletion")
}

export async function deleteBootstrap(scope: MachineScope): Promise<Outcome> {
  const { configRef } = scope.object.spec.bootstrap
  return configRef ? deleteReferenced(scope, configRef, "WaitingForBootstrapDeletion") : done
}

async function deleteReferenced(
  scope: MachineScope,
  reference: ContractReference,
  reason: string,
): Promise<Outcome> {
  const look = await lookExternalLive(scope, reference, scope.key.namespace)
  if (look.kind !== "found") return done
  if (look.object.metadata.deletionTimestamp === undefined) {
    await scope.deleteExternal(look.object)
    const after = await lookExternalLive(scope, reference, scope.key.namespace)
    if (after.kind !== "found") return done
  }
  return waitFor(reason, { message: `Waiting for ${reference.kind} to be deleted` })
}
