import {
  emptySet,
  type FieldSet,
  hasChildren,
  hasNoKeys,
  isMember,
  withMembership,
} from "./field-set.ts"
import { deducedType, type MergeType } from "./merge-type.ts"

/**
 * Brings a set that was recorded under another schema up to the present one: where a map or list
 * has become atomic since, whoever owned something below now owns the whole. Returns the argument
 * when nothing changes.
 */
export function reconcileFieldSet(type: MergeType, set: FieldSet): FieldSet {
  let result: Record<string, FieldSet> | undefined
  for (const key in set) {
    const node = set[key]!
    if (key === "." || hasNoKeys(node)) continue
    const below = typeBelow(type, key)
    if (!below) continue
    const reconciled =
      isAtomic(below) && hasChildren(node) ? emptySet : reconcileFieldSet(below, node)
    if (reconciled === node) continue
    result ??= { ...set }
    result[key] = reconciled
  }
  return result ?? set
}

function isAtomic(type: MergeType): boolean {
  return (type.map ?? (type.scalar ? undefined : type.list))?.atomic === true
}

function typeBelow(type: MergeType, key: string): MergeType | undefined {
  if (type.map) {
    if (type.map.fields.size === 0 && type.map.rest === deducedType) return undefined
    return (key.startsWith("f:") && type.map.fields.get(key.slice(2))?.type) || type.map.rest
  }
  return type.scalar ? undefined : type.list?.item
}

/**
 * The set with every declared field below which it has members made a member itself, so that
 * removing all that is below removes the field too.
 */
export function withNamedFields(type: MergeType | undefined, set: FieldSet): FieldSet {
  let result: Record<string, FieldSet> | undefined
  for (const key in set) {
    const node = set[key]!
    if (key === "." || hasNoKeys(node)) continue
    const name = key.startsWith("f:") ? key.slice(2) : undefined
    const field = name === undefined ? undefined : type?.map?.fields.get(name)
    const below =
      name === undefined
        ? key.startsWith("k:")
          ? type?.list?.item
          : undefined
        : (field?.type ?? type?.map?.rest)
    const inner = withNamedFields(below, node)
    const named = field && !isMember(inner) ? withMembership(inner) : inner
    if (named === node) continue
    result ??= { ...set }
    result[key] = named
  }
  return result ?? set
}
