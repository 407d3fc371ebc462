import { assert } from "#base"
import { difference, type FieldSet, intersection, isEmptySet, union } from "./field-set.ts"
import type { Manager, Managers } from "./managers.ts"
import { withNamedFields } from "./reconcile-field-set.ts"
import { removeFields } from "./remove-fields.ts"
import { fieldsOf, type KindVersions, type TypedObject } from "./versions.ts"

/**
 * Takes out of a merged object what its applier set the last time, does not set any more and
 * nobody else owns. `managers` holds the applier with its new set.
 */
export function pruneFields(
  kind: KindVersions,
  merged: TypedObject,
  managers: Managers,
  applier: { readonly last: Manager | undefined; readonly now: Manager },
): TypedObject {
  const { last, now } = applier
  if (!last || isEmptySet(last.fields)) return merged
  const given = last.apiVersion === now.apiVersion ? difference(last.fields, now.fields) : undefined
  if (given && isEmptySet(given)) return merged
  const base = kind.at(merged, last.apiVersion)
  if (!base) return merged
  const rest = without(base, withNamedFields(base.type, last.fields))
  const owned = addBackOwned(kind, base, rest, managers)
  const result = kind.at(addBackUnowned(kind, base, owned, { last, managers }), now.apiVersion)
  assert(result, "a version in use cannot be gone")
  return result
}

function without(object: TypedObject, fields: FieldSet, kept?: FieldSet): TypedObject {
  return { ...object, value: removeFields(object.type, object.value, fields, kept) ?? {} }
}

function named(object: TypedObject, fields: FieldSet): FieldSet {
  return withNamedFields(object.type, fields)
}

/** Puts back what any manager owns, each in the terms of its own version. */
function addBackOwned(
  kind: KindVersions,
  merged: TypedObject,
  pruned: TypedObject,
  managers: Managers,
): TypedObject {
  const ownedAt = new Map<string, FieldSet>([[pruned.apiVersion, {}]])
  for (const { apiVersion, fields } of managers.values()) {
    ownedAt.set(apiVersion, union(ownedAt.get(apiVersion) ?? {}, fields))
  }
  let whole = merged
  let rest = pruned
  // The pruned version comes first: converting needs the fields that somebody owns there.
  for (const [apiVersion, owned] of ownedAt) {
    const convertedWhole = kind.at(whole, apiVersion)
    const convertedRest = kind.at(rest, apiVersion)
    if (!convertedWhole || !convertedRest) continue
    whole = convertedWhole
    const kept = union(named(whole, fieldsOf(convertedRest)), named(whole, owned))
    const gone = difference(named(whole, fieldsOf(whole)), kept)
    rest = without(whole, gone, appliedAt(managers, apiVersion))
  }
  return rest
}

/** Puts back what went only because something around it went, though the applier never set it. */
function addBackUnowned(
  kind: KindVersions,
  merged: TypedObject,
  pruned: TypedObject,
  { last, managers }: { readonly last: Manager; readonly managers: Managers },
): TypedObject {
  const rest = kind.at(pruned, last.apiVersion)
  if (!rest) return merged
  const applied = appliedAt(managers, last.apiVersion)
  const gone = difference(named(merged, fieldsOf(merged)), named(merged, fieldsOf(rest)))
  const given = difference(intersection(gone, named(merged, last.fields)), applied)
  return without(merged, given, applied)
}

/** What appliers say in a version, of which the leaves are what they want even when it is empty. */
function appliedAt(managers: Managers, apiVersion: string): FieldSet {
  return [...managers.values()]
    .filter((manager) => manager.operation === "Apply" && manager.apiVersion === apiVersion)
    .reduce<FieldSet>((fields, manager) => union(fields, manager.fields), {})
}
