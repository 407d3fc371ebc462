import { label, MachineKind } from "#apis"
import { hasOwner, ownerReference } from "#contract"
import type { ContractReference } from "#controller"
import { splitApiVersion, type UntypedObject } from "#meta"
import type { MachineScope } from "./machine-access.ts"

/** Another Machine, or somebody else, manages the object already. */
export class ForeignOwnerError extends Error {
  override readonly name = "ForeignOwnerError"
}

/**
 * Makes the Machine the controller of its bootstrap config or infrastructure object. Only what is
 * missing is applied: most objects are created that way.
 */
export async function ownExternal(
  scope: MachineScope,
  reference: ContractReference,
  object: UntypedObject,
): Promise<void> {
  const machine = scope.object
  const { clusterName } = machine.spec
  const { namespace, ownerReferences = [], labels = {} } = object.metadata
  const desired = ownerReference(MachineKind, machine, { controller: true })
  const stranger = ownerReferences.find(
    (owner) => owner.controller && owner.uid !== desired.uid && !isFormerOwner(owner),
  )
  if (stranger) {
    throw new ForeignOwnerError(
      `own ${object.kind} ${object.metadata.name}: ${stranger.kind} ${stranger.name} controls it`,
    )
  }
  const hasFormer = ownerReferences.some(isFormerOwner)
  const isLabelled = labels[label.clusterName] === clusterName
  if (hasOwner(object, desired) && !hasFormer && isLabelled) return
  if (hasFormer) {
    await scope.patchExternal({ ...reference, namespace }, withoutFormerOwners(object))
  }
  await scope.applyExternal(
    { ...reference, namespace },
    { metadata: { labels: { [label.clusterName]: clusterName }, ownerReferences: [desired] } },
  )
}

/** Upstream makes these objects before the Machine, owned by the set until the Machine is there. */
function isFormerOwner(owner: { readonly apiVersion: string; readonly kind: string }): boolean {
  return (
    owner.kind === "MachineSet" && splitApiVersion(owner.apiVersion).group === MachineKind.group
  )
}

function withoutFormerOwners(object: UntypedObject) {
  const { ownerReferences = [], resourceVersion } = object.metadata
  const kept = ownerReferences.filter((owner) => !isFormerOwner(owner))
  const body = { metadata: { resourceVersion, ownerReferences: kept } }
  return { type: "merge" as const, body }
}
