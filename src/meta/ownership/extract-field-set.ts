import { type FieldSet, FieldSetBuilder } from "./field-set.ts"
import { deducedType, type ListShape, type MapShape, type MergeType } from "./merge-type.ts"
import { fieldElement } from "./path-element.ts"
import { isEmptyMap, isList, isMap, listItemElement, shapeFor } from "./typed-value.ts"

/**
 * The fields that a configuration speaks about, which are those its applier comes to own. Throws
 * `ListItemError` for list items without a key: validate first.
 */
export function extractFieldSet(type: MergeType, value: unknown): FieldSet {
  const builder = new FieldSetBuilder()
  visit(type, value, [], builder)
  return builder.set
}

function visit(type: MergeType, value: unknown, path: string[], into: FieldSetBuilder): void {
  const shape = shapeFor(type, value)
  if (shape === "map") return visitMap(type.map!, value, path, into)
  if (shape === "list") return visitList(type.list!, value, path, into)
  return into.add(path)
}

function visitMap(shape: MapShape, value: unknown, path: string[], into: FieldSetBuilder): void {
  if (shape.atomic) return into.add(path)
  if (!isMap(value)) return
  for (const [name, member] of Object.entries(value)) {
    if (member === undefined) continue
    const field = shape.fields.get(name)
    path.push(fieldElement(name))
    visit(field?.type ?? shape.rest ?? deducedType, member, path, into)
    // Declared members are named by what lies below them, unless there is nothing below.
    if (!field || member === null || (isMap(member) && isEmptyMap(member))) into.add(path)
    path.pop()
  }
}

function visitList(shape: ListShape, value: unknown, path: string[], into: FieldSetBuilder): void {
  if (shape.atomic) return into.add(path)
  if (!isList(value)) return
  const elements = value.map((item) => listItemElement(shape, item))
  const seen = new Set<string>()
  const repeated = new Set<string>()
  for (const element of elements) (seen.has(element) ? repeated : seen).add(element)
  for (const [index, element] of elements.entries()) {
    path.push(element)
    if (!repeated.has(element)) visit(shape.item, value[index], path, into)
    into.add(path)
    path.pop()
  }
}
