import { done, type Outcome } from "#controller"
import { deleteExternal } from "../external-object.ts"
import type { MachineScope } from "./machine-access.ts"

export async function deleteInfrastructure(scope: MachineScope): Promise<Outcome> {
  const { infrastructureRef } = scope.object.spec
  return deleteExternal(scope, infrastructureRef, "WaitingForInfrastructureDeletion")
}

export async function deleteBootstrap(scope: MachineScope): Promise<Outcome> {
  const { configRef } = scope.object.spec.bootstrap
  return configRef ? deleteExternal(scope, configRef, "WaitingForBootstrapDeletion") : done
}
