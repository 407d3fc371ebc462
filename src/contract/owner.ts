import {
  type ApiObject,
  type KindRef,
  kindApiVersion,
  type OwnerReference,
  splitApiVersion,
} from "#meta"

/** The reference that makes an object an owner; with `controller` it is the one that manages. */
export function ownerReference(
  kind: KindRef,
  object: ApiObject,
  options: { readonly controller?: boolean | undefined } = {},
): OwnerReference {
  const { name, uid = "" } = object.metadata
  return {
    apiVersion: kindApiVersion(kind),
    kind: kind.kind,
    name,
    uid,
    ...(options.controller ? { controller: true, blockOwnerDeletion: true } : {}),
  }
}

/** True when the object names this owner already, in this version and, if asked, as controller. */
export function hasOwner(object: ApiObject, owner: OwnerReference): boolean {
  return (object.metadata.ownerReferences ?? []).some(
    (known) =>
      known.uid === owner.uid &&
      known.apiVersion === owner.apiVersion &&
      (known.controller === true || !owner.controller),
  )
}

export function isOwnedBy(object: ApiObject, owner: ApiObject): boolean {
  return (object.metadata.ownerReferences ?? []).some(
    (reference) => reference.uid === owner.metadata.uid,
  )
}

/** The first owner of that kind, whatever its version. */
export function ownerOfKind(object: ApiObject, kind: KindRef): OwnerReference | undefined {
  return object.metadata.ownerReferences?.find(
    (reference) =>
      reference.kind === kind.kind && splitApiVersion(reference.apiVersion).group === kind.group,
  )
}

/**
 * The owners with this one among them, in the version given; the same list when nothing changes.
 */
export function withOwner(
  owners: readonly OwnerReference[] | undefined,
  owner: OwnerReference,
): readonly OwnerReference[] {
  const list = owners ?? []
  const known = list.find((reference) => reference.uid === owner.uid)
  if (!known) return [...list, owner]
  const isSame =
    known.apiVersion === owner.apiVersion &&
    known.name === owner.name &&
    (known.controller ?? false) === (owner.controller ?? false)
  return isSame ? list : list.map((reference) => (reference === known ? owner : reference))
}
