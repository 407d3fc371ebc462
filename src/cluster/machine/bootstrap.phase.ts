import { readBootstrapConfig } from "#contract"
import { done, type Outcome, waitFor } from "#controller"
import { lookExternal, waitForExternal } from "../external-object.ts"
import type { MachineScope } from "./machine-access.ts"
import { ownExternal } from "./own-external.ts"

/** Takes over the name of the Secret that the bootstrap provider made, once. */
export async function followBootstrap(scope: MachineScope): Promise<Outcome> {
  const { bootstrap } = scope.object.spec
  const { configRef } = bootstrap
  if (!configRef) {
    if (bootstrap.dataSecretName) markCreated(scope)
    return done
  }
  const look = await lookExternal(scope, configRef)
  if (look.kind !== "found") {
    const reason = "BootstrapConfigDoesNotExist"
    return waitForExternal(look, configRef, { reason, wasThere: false })
  }
  await ownExternal(scope, configRef, look.object)
  if (bootstrap.dataSecretName !== undefined) {
    markCreated(scope)
    return done
  }
  const { isDataSecretCreated, dataSecretName } = readBootstrapConfig(look.object)
  if (!isDataSecretCreated || dataSecretName === undefined) {
    const message = `waiting for ${configRef.kind} ${configRef.name} to create its bootstrap data`
    return waitFor("WaitingForBootstrapData", { message, stop: false })
  }
  scope.edit((draft) => {
    draft.spec.bootstrap.dataSecretName = dataSecretName
  })
  markCreated(scope)
  return done
}

function markCreated(scope: MachineScope): void {
  scope.editStatus((status) => {
    status.initialization = { ...status.initialization, bootstrapDataSecretCreated: true }
  })
}
