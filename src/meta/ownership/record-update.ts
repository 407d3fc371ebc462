import { formatTime } from "#base"
import type { ManagedFieldsEntry } from "../object-meta.ts"
import { isSame } from "./compare-values.ts"
import { differenceBelow, type FieldSet, isEmptySet, union } from "./field-set.ts"
import { capUpdateManagers, managerId, type Managers } from "./managers.ts"
import { withoutUnowned } from "./metadata-fields.ts"
import { reconcileManagers, settleOwnership } from "./settle-ownership.ts"
import { compareTyped, KindVersions, type KindView } from "./versions.ts"

/** An object as far as field ownership looks at it. */
export interface OwnedObject {
  readonly metadata?:
    | {
        readonly uid?: string | undefined
        readonly managedFields?: readonly ManagedFieldsEntry[] | undefined
      }
    | undefined
}

export interface RecordedUpdate extends KindView {
  readonly old: OwnedObject | undefined
  readonly new: OwnedObject
  readonly manager: string
  readonly subresource: string
  readonly nowMs: number
  readonly resetFields?: FieldSet | undefined
}

/** The object as it takes part in comparisons: who owns what is not itself owned. */
export function withoutManagedFields<T extends OwnedObject>(object: T): T {
  if (object.metadata?.managedFields === undefined) return object
  const { managedFields: _, ...metadata } = object.metadata
  return { ...object, metadata }
}

/** Moves every field that differs between `old` and `new` to the manager, as an update. */
export function recordUpdate(update: RecordedUpdate, managers: Managers): Managers {
  const { resetFields } = update
  const kind = new KindVersions(update)
  const next = kind.typed(withoutManagedFields(update.new))
  const live = kind.typed(withoutManagedFields(update.old ?? update.empty ?? {}))
  const comparison = compareTyped(live, next, resetFields)
  if (isSame(comparison)) return managers
  const remaining = reconcileManagers(kind, live, managers)
  settleOwnership({ kind, live, next, comparison, resetFields }, remaining, undefined)
  takeFields(update, remaining, union(comparison.modified, comparison.added))
  capUpdateManagers(remaining)
  return remaining
}

/** Adds the changed fields to what the manager owned before, under the present time. */
function takeFields(update: RecordedUpdate, managers: Managers, changed: FieldSet): void {
  const { apiVersion, subresource, resetFields } = update
  const owned = withoutUnowned(resetFields ? differenceBelow(changed, resetFields) : changed)
  if (isEmptySet(owned)) return
  const name = update.manager === "" ? "unknown" : update.manager
  const identity = { name, operation: "Update", apiVersion, subresource } as const
  const id = managerId(identity)
  const previous = managers.get(id)
  managers.set(id, {
    ...identity,
    time: formatTime(update.nowMs),
    fields: previous ? union(owned, previous.fields) : owned,
    entry: previous?.entry,
  })
}
