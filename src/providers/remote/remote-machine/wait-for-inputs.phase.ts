import { done, type Outcome, waitFor } from "#controller"
import { mayPrepare } from "./preparation.ts"
import {
  isProvisioned,
  type MachineScope,
  clusterOf,
  ownerMachine,
} from "./remote-machine-access.ts"

export function findOwners(scope: MachineScope): Outcome {
  const machine = ownerMachine(scope)
  if (!machine) {
    return waitFor("WaitingForMachine", { message: "no Machine owns this RemoteMachine yet" })
  }
  if (!clusterOf(scope)) {
    const message = `Cluster ${machine.spec.clusterName} is not there`
    return waitFor("WaitingForCluster", { message })
  }
  return done
}

/** A machine that comes with an identity is a node already: it is taken as it is. */
export function adopt(scope: MachineScope): Outcome {
  const { spec } = scope.object
  if (isProvisioned(scope.object) || !spec?.providerID) return done
  scope.editStatus((status) => {
    status.initialization = { provisioned: true }
    if (spec.address && !status.addresses) {
      status.addresses = [{ type: "ExternalIP", address: spec.address }]
    }
  })
  scope.event("Normal", "Adopted", `taken as the node that it is: ${spec.providerID}`)
  return done
}

export function waitForInputs(scope: MachineScope): Outcome {
  if (isProvisioned(scope.object)) return done
  const cluster = clusterOf(scope)
  if (!cluster?.status?.initialization?.infrastructureProvisioned) {
    const message = `infrastructure of Cluster ${cluster?.metadata.name} is not provisioned`
    return waitFor("WaitingForClusterInfrastructureReady", { message })
  }
  if (scope.object.spec?.provisionJob) {
    const message = "spec.provisionJob is not supported: hosts are reached over SSH from here"
    return waitFor("ProvisionJobNotSupported", { message })
  }
  const machine = ownerMachine(scope)
  if (!machine?.spec.bootstrap.dataSecretName && !mayPrepare(scope)) {
    const message = `Machine ${machine?.metadata.name} has no bootstrap data yet`
    return waitFor("WaitingForBootstrapData", { message })
  }
  return done
}
