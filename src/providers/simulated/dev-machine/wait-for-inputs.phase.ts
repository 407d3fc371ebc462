import { done, type Outcome, waitFor } from "#controller"
import { clusterOf, type DevMachineScope, ownerMachine } from "./dev-machine-access.ts"

export function waitForInputs(scope: DevMachineScope): Outcome {
  const machine = ownerMachine(scope, scope.object)
  if (!machine) {
    return waitFor("WaitingForMachine", { message: "no Machine owns this DevMachine yet" })
  }
  const cluster = clusterOf(scope, machine)
  if (!cluster) {
    return waitFor("WaitingForCluster", {
      message: `Cluster ${machine.spec.clusterName} is not there`,
    })
  }
  if (!scope.object.spec?.backend.inMemory) {
    return waitFor("BackendNotSupported", {
      message: "only spec.backend.inMemory is simulated here; there are no containers to run",
    })
  }
  if (!cluster.status?.initialization?.infrastructureProvisioned) {
    return waitFor("WaitingForClusterInfrastructureReady", {
      message: `infrastructure of Cluster ${cluster.metadata.name} is not provisioned`,
    })
  }
  if (!machine.spec.bootstrap.dataSecretName) {
    return waitFor("WaitingForBootstrapData", {
      message: `Machine ${machine.metadata.name} has no bootstrap data`,
    })
  }
  return done
}
