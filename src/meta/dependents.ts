import type { ApiObject } from "./object-meta.ts"

/** On an object that is being deleted: it stays until what it owns is gone. */
export const foregroundFinalizer = "foregroundDeletion"

/** On an object that is being deleted: what it owns stays. */
export const orphanFinalizer = "orphan"

export function isDeletingDependents(object: ApiObject): boolean {
  return isDeletingWith(object, foregroundFinalizer)
}

export function isOrphaningDependents(object: ApiObject): boolean {
  return isDeletingWith(object, orphanFinalizer)
}

function isDeletingWith({ metadata }: ApiObject, finalizer: string): boolean {
  return Boolean(metadata.deletionTimestamp) && (metadata.finalizers ?? []).includes(finalizer)
}
