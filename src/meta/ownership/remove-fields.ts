import { setOwn } from "#base"
import { emptySet, type FieldSet, hasNoKeys, isEmptySet, isMember } from "./field-set.ts"
import { deducedType, type ListShape, type MapShape, type MergeType } from "./merge-type.ts"
import { fieldElement } from "./path-element.ts"
import {
  isEmptyMap,
  isList,
  isMap,
  listItemElement,
  type Members,
  shapeFor,
} from "./typed-value.ts"

/**
 * The value without the fields in the set. A map or list that loses everything goes too, unless it
 * is a leaf of `kept`: somebody said that it is there and empty. The argument is not changed; parts
 * that lose nothing are shared. Undefined when nothing is left.
 */
export function removeFields(
  type: MergeType,
  value: unknown,
  fields: FieldSet,
  kept: FieldSet = emptySet,
): unknown {
  if (isEmptySet(fields)) return value
  const shape = shapeFor(type, value)
  if (shape === "map" && isMap(value)) return removeMembers(type.map!, value, fields, kept)
  if (shape === "list" && isList(value)) return removeItems(type.list!, value, fields, kept)
  return value
}

function removeMembers(
  shape: MapShape,
  value: Members,
  fields: FieldSet,
  kept: FieldSet,
): Members | undefined {
  if (shape.atomic) return value
  const result: Record<string, unknown> = {}
  let changed = false
  for (const [name, member] of Object.entries(value)) {
    if (member === undefined) continue
    const element = fieldElement(name)
    const type = shape.fields.get(name)?.type ?? shape.rest ?? deducedType
    const rest = removeBelow(type, member, fields[element], kept[element])
    if (rest !== undefined) setOwn(result, name, rest)
    changed ||= rest !== member
  }
  if (!changed) return value
  return isEmptyMap(result) ? undefined : result
}

function removeItems(
  shape: ListShape,
  value: readonly unknown[],
  fields: FieldSet,
  kept: FieldSet,
): readonly unknown[] | undefined {
  if (shape.atomic) return value
  const result: unknown[] = []
  let changed = false
  for (const item of value) {
    const element = listItemElement(shape, item)
    const rest = removeBelow(shape.item, item, fields[element], kept[element])
    if (rest !== undefined) result.push(rest)
    changed ||= rest !== item
  }
  if (!changed) return value
  return result.length === 0 ? undefined : result
}

function removeBelow(
  type: MergeType,
  value: unknown,
  fields: FieldSet | undefined,
  kept: FieldSet | undefined,
): unknown {
  if (fields === undefined) return value
  if (isMember(fields)) return undefined
  const rest = removeFields(type, value, fields, kept)
  if (rest !== undefined || kept === undefined || !hasNoKeys(kept)) return rest
  return isList(value) ? [] : {}
}
