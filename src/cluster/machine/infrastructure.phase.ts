import { isControlPlane } from "#apis"
import { readInfraMachine } from "#contract"
import { done, type Phase, waitFor } from "#controller"
import type { WorkloadClusters } from "#workload"
import { lookExternal, waitForExternal } from "../external-object.ts"
import type { MachineScope } from "./machine-access.ts"
import { ownExternal } from "./own-external.ts"

/** Takes over provider ID, addresses and failure domain. What was provisioned once stays so. */
export function followInfrastructure(workloads: WorkloadClusters): Phase<MachineScope> {
  return async function followInfrastructure(scope) {
    const machine = scope.object
    const { infrastructureRef: reference, clusterName } = machine.spec
    const look = await lookExternal(scope, reference)
    const wasProvisioned = machine.status?.initialization?.infrastructureProvisioned === true
    if (look.kind !== "found") {
      const reason = "InfrastructureDoesNotExist"
      return waitForExternal(look, reference, { reason, wasThere: wasProvisioned })
    }
    await ownExternal(scope, reference, look.object)
    const facts = readInfraMachine(look.object)
    const { providerId } = facts
    if (providerId === undefined || !(facts.isProvisioned || wasProvisioned)) {
      const message = `waiting for ${reference.kind} ${reference.name} to be provisioned`
      return waitFor("WaitingForInfrastructure", { message, stop: false })
    }
    scope.edit((draft) => {
      draft.spec.providerID = providerId
    })
    scope.editStatus((status) => {
      status.initialization = { ...status.initialization, infrastructureProvisioned: true }
      if (facts.addresses) {
        status.addresses = facts.addresses.map(({ type, address }) => ({ type, address }))
      }
      if (facts.failureDomain !== undefined) status.failureDomain = facts.failureDomain
    })
    // A control plane that has just come up is worth another try before the backoff is over.
    if (!wasProvisioned && isControlPlane(machine)) {
      workloads.cluster({ namespace: scope.key.namespace, name: clusterName }).retryNow()
    }
    return done
  }
}
