import { done, type Outcome, waitFor } from "#controller"
import { type KubeadmConfigScope, notAvailable, ownersOf } from "./kubeadm-config-access.ts"

export function waitForOwners(scope: KubeadmConfigScope): Outcome {
  const owners = ownersOf(scope)
  if (!owners) return notAvailable("no Machine owns this KubeadmConfig yet")
  const { cluster } = owners
  if (!cluster.status?.initialization?.infrastructureProvisioned) {
    return notAvailable(`waiting for the infrastructure of Cluster ${cluster.metadata.name}`)
  }
  if (scope.object.spec?.format === "ignition") {
    return waitFor("FormatNotSupported", {
      message: "spec.format ignition is not supported; use cloud-config",
    })
  }
  return done
}
