import { ClusterKind, label } from "#apis"
import {
  type Endpoint,
  endpointOf,
  hasOwner,
  ownerReference,
  readControlPlane,
  readInfraCluster,
} from "#contract"
import { type ContractReference, done, type Outcome, waitFor } from "#controller"
import type { UntypedObject } from "#meta"
import { lookExternal, waitForExternal } from "../external-object.ts"
import type { ClusterScope } from "./cluster-access.ts"

/** Takes over endpoint and failure domains. What was provisioned once stays so. */
export async function followInfrastructure(scope: ClusterScope): Promise<Outcome> {
  const cluster = scope.object
  const reference = cluster.spec.infrastructureRef
  const wasProvisioned = cluster.status?.initialization?.infrastructureProvisioned === true
  if (!reference) {
    scope.editStatus((status) => {
      status.initialization = { ...status.initialization, infrastructureProvisioned: true }
    })
    return done
  }
  const found = await claim(scope, reference, wasProvisioned)
  if (!("object" in found)) return found
  const facts = readInfraCluster(found.object)
  if (!facts.isProvisioned && !wasProvisioned) {
    const message = `waiting for ${reference.kind} ${reference.name} to be provisioned`
    return waitFor("WaitingForInfrastructure", { message, stop: false })
  }
  takeEndpoint(scope, facts.endpoint)
  const { failureDomains } = facts
  scope.editStatus((status) => {
    status.initialization = { ...status.initialization, infrastructureProvisioned: true }
    if (failureDomains) status.failureDomains = failureDomains.map((domain) => ({ ...domain }))
    else delete status.failureDomains
  })
  if (!wasProvisioned) {
    const message = `the infrastructure of Cluster ${scope.key.name} is provisioned`
    scope.event("Normal", "InfrastructureReady", message)
  }
  return done
}

/** Takes over what the control plane object says, when the Cluster has one. */
export async function followControlPlane(scope: ClusterScope): Promise<Outcome> {
  const cluster = scope.object
  const reference = cluster.spec.controlPlaneRef
  if (!reference) return done
  const wasInitialized = cluster.status?.initialization?.controlPlaneInitialized === true
  const found = await claim(scope, reference, wasInitialized)
  if (!("object" in found)) return found
  const facts = readControlPlane(found.object)
  if (!facts.isInitialized && !wasInitialized) {
    const message = `waiting for ${reference.kind} ${reference.name} to be initialized`
    return waitFor("WaitingForControlPlane", { message, stop: false })
  }
  takeEndpoint(scope, facts.endpoint)
  markInitialized(scope)
  return done
}

/** Records, once, that the control plane has come up. */
export function markInitialized(scope: ClusterScope): void {
  if (scope.object.status?.initialization?.controlPlaneInitialized) return
  scope.editStatus((status) => {
    status.initialization = { ...status.initialization, controlPlaneInitialized: true }
  })
  const message = `the control plane of Cluster ${scope.key.name} is initialized`
  scope.event("Normal", "ControlPlaneInitialized", message)
}

/** The user's endpoint comes first, then the infrastructure's, then the control plane's. */
function takeEndpoint(scope: ClusterScope, endpoint: Endpoint | undefined): void {
  if (!endpoint || endpointOf(scope.object.spec.controlPlaneEndpoint)) return
  scope.edit((draft) => {
    draft.spec.controlPlaneEndpoint = { ...endpoint }
  })
}

/** Finds a provider's object and makes the Cluster an owner of it. */
async function claim(
  scope: ClusterScope,
  reference: ContractReference,
  wasThere: boolean,
): Promise<{ readonly object: UntypedObject } | Outcome> {
  const look = await lookExternal(scope, reference)
  if (look.kind !== "found") {
    const reason = "ReferencedObjectDoesNotExist"
    return waitForExternal(look, reference, { reason, wasThere })
  }
  const { object } = look
  const owner = ownerReference(ClusterKind, scope.object)
  const { labels = {}, namespace } = object.metadata
  if (!hasOwner(object, owner) || labels[label.clusterName] !== scope.key.name) {
    await scope.applyExternal(
      { ...reference, namespace },
      { metadata: { labels: { [label.clusterName]: scope.key.name }, ownerReferences: [owner] } },
    )
  }
  return { object }
}
