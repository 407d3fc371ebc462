import type { ManagedFieldsEntry } from "../object-meta.ts"
import type { OwnedObject } from "./record-update.ts"
import { equalValues } from "./typed-value.ts"

/**
 * The object to store when a write, after all defaulting and admission, has changed nothing but
 * the times in `managedFields`: then `old` itself, so that the write can be dropped. Otherwise
 * `next`.
 */
export function withoutTimeChurn<T extends OwnedObject>(old: T, next: T): T {
  if (old === next) return old
  const before = old.metadata?.managedFields ?? []
  const after = next.metadata?.managedFields ?? []
  if (before.length !== after.length) return next
  const steady = after.every((entry, index) => equalWithoutTime(before[index], entry))
  if (!steady) return next
  const members = { ...next, metadata: { ...next.metadata, managedFields: before } }
  return equalValues({ ...old, metadata: { ...old.metadata, managedFields: before } }, members)
    ? old
    : next
}

function equalWithoutTime(
  left: ManagedFieldsEntry | undefined,
  right: ManagedFieldsEntry,
): boolean {
  if (left === right) return true
  return left !== undefined && equalValues({ ...left, time: "" }, { ...right, time: "" })
}
