import type { Record, Resource } from "#apiserver"
import { type ApiObject, isDeletingDependents, type OwnerReference, splitApiVersion } from "#meta"
import type { ServedResources } from "./served-resources.ts"

/**
 * What stands behind an owner reference. `waiting` owners are being deleted in the foreground: they
 * stay until their dependents are gone. `unknown` kinds are not served, so nothing can be said.
 */
export type OwnerState = "solid" | "absent" | "waiting" | "unknown" | "out-of-scope"

/** A reference with what stands behind it. */
export interface JudgedOwner {
  readonly owner: OwnerReference
  readonly state: OwnerState
}

/** Looks up every owner of a dependent, by kind, place and UID. */
export function judgeOwners(
  resources: ServedResources,
  dependent: Resource,
  object: ApiObject,
): readonly JudgedOwner[] {
  return (object.metadata.ownerReferences ?? []).map((owner) => ({
    owner,
    state: stateOf(resources, dependent, { owner, namespace: object.metadata.namespace }),
  }))
}

function stateOf(
  resources: ServedResources,
  dependent: Resource,
  { owner, namespace }: { owner: OwnerReference; namespace: string | undefined },
): OwnerState {
  const { group } = splitApiVersion(owner.apiVersion)
  const resource = resources.ofKind(group, owner.kind)
  if (!resource) return "unknown"
  if (resource.namespaced && !dependent.namespaced) return "out-of-scope"
  const record = findRecord(resource, namespace, owner.name)
  if (!record || record.uid !== owner.uid) return "absent"
  return isDeletingDependents(record.object) ? "waiting" : "solid"
}

/** The stored object of that name, as the hub has it. */
export function findRecord(
  resource: Resource,
  namespace: string | undefined,
  name: string,
): Record | undefined {
  const place = resource.namespaced ? (namespace ?? "") : ""
  return resource.table.get(`${resource.table.prefix}${place}/${name}`)
}

/** True when the dependent keeps the owner with that UID in foreground deletion. */
export function blocksOwner(dependent: ApiObject, ownerUid: string): boolean {
  return (dependent.metadata.ownerReferences ?? []).some(
    (owner) => owner.uid === ownerUid && owner.blockOwnerDeletion === true,
  )
}
