import type { Comparison } from "./compare-values.ts"
import { difference, type FieldSet, intersection, isEmptySet, union } from "./field-set.ts"
import type { Manager, Managers } from "./managers.ts"
import { reconcileFieldSet } from "./reconcile-field-set.ts"
import { compareTyped, type KindVersions, type TypedObject } from "./versions.ts"

/** A change of an object, on its way to be written down as ownership. */
export interface OwnershipChange {
  readonly kind: KindVersions
  readonly live: TypedObject
  readonly next: TypedObject
  /** What `next` changes, in the version of the request. */
  readonly comparison: Comparison
  readonly resetFields: FieldSet | undefined
}

/** What one manager lost because somebody else set it to another value. */
export interface TakenFields {
  readonly manager: Manager
  readonly fields: FieldSet
}

/**
 * Takes away from every manager but one the fields that the change sets or removes; managers that
 * own nothing any more are left out. Returns what was taken although its owner set it: those are
 * conflicts unless force is on the caller's side. `managers` is changed.
 */
export function settleOwnership(
  change: OwnershipChange,
  managers: Managers,
  keep: string | undefined,
): TakenFields[] {
  const comparisons = new Map([[change.kind.apiVersion, change.comparison]])
  const lost: TakenFields[] = []
  for (const [id, manager] of managers) {
    if (id === keep) continue
    const comparison = comparisonAt(change, manager.apiVersion, comparisons)
    if (!comparison) {
      managers.delete(id)
      continue
    }
    const taken = intersection(manager.fields, union(comparison.modified, comparison.added))
    if (!isEmptySet(taken)) lost.push({ manager, fields: taken })
    const fields = difference(difference(manager.fields, taken), comparison.removed)
    if (fields !== manager.fields) managers.set(id, { ...manager, fields })
  }
  for (const [id, { fields }] of managers) if (isEmptySet(fields)) managers.delete(id)
  return lost
}

function comparisonAt(
  change: OwnershipChange,
  apiVersion: string,
  known: Map<string, Comparison>,
): Comparison | undefined {
  const before = known.get(apiVersion)
  if (before) return before
  const live = change.kind.at(change.live, apiVersion)
  const next = change.kind.at(change.next, apiVersion)
  const comparison = live && next && compareTyped(live, next, change.resetFields)
  if (comparison) known.set(apiVersion, comparison)
  return comparison
}

/**
 * Managers with their sets brought up to the present schemas; those of versions that are gone are
 * left out.
 */
export function reconcileManagers(
  kind: KindVersions,
  live: TypedObject,
  managers: Managers,
): Managers {
  const result: Managers = new Map()
  for (const [id, manager] of managers) {
    const type =
      manager.apiVersion === live.apiVersion ? live.type : kind.at(live, manager.apiVersion)?.type
    if (!type) continue
    const fields = reconcileFieldSet(type, manager.fields)
    result.set(id, fields === manager.fields ? manager : { ...manager, fields })
  }
  return result
}
