import { type FieldSet, FieldSetBuilder } from "./field-set.ts"
import { deducedType, type ListShape, type MapShape, type MergeType } from "./merge-type.ts"
import { fieldElement } from "./path-element.ts"
import { isEmptyMap, isList, isMap, listItemElement, shapeFor } from "./typed-value.ts"

/** What a configuration speaks about. */
export interface SaidFields {
  /** What its applier comes to own. */
  readonly owned: FieldSet
  /** The lists that it says are empty: nobody owns those, there being nothing in them. */
  readonly emptyLists: FieldSet
}

/** The fields of a configuration that its applier comes to own; as `saidFields`. */
export function extractFieldSet(type: MergeType, value: unknown): FieldSet {
  return saidFields(type, value).owned
}

/**
 * Takes a configuration apart. Throws `ListItemError` for list items without a key: validate
 * first.
 */
export function saidFields(type: MergeType, value: unknown): SaidFields {
  const walk = new Extractor()
  walk.visit(type, value)
  return { owned: walk.owned.set, emptyLists: walk.emptyLists.set }
}

class Extractor {
  readonly owned = new FieldSetBuilder()
  readonly emptyLists = new FieldSetBuilder()
  readonly #path: string[] = []

  visit(type: MergeType, value: unknown): void {
    const shape = shapeFor(type, value)
    if (shape === "map") this.#map(type.map!, value)
    else if (shape === "list") this.#list(type.list!, value)
    else this.owned.add(this.#path)
  }

  #map(shape: MapShape, value: unknown): void {
    if (shape.atomic) return this.owned.add(this.#path)
    if (!isMap(value)) return
    for (const [name, member] of Object.entries(value)) {
      if (member === undefined) continue
      const field = shape.fields.get(name)
      this.#path.push(fieldElement(name))
      this.visit(field?.type ?? shape.rest ?? deducedType, member)
      // Declared members are named by what lies below them, unless there is nothing below.
      const bare = !field || member === null || (isMap(member) && isEmptyMap(member))
      if (bare) this.owned.add(this.#path)
      this.#path.pop()
    }
  }

  #list(shape: ListShape, value: unknown): void {
    if (shape.atomic) return this.owned.add(this.#path)
    if (!isList(value)) return
    if (value.length === 0) this.emptyLists.add(this.#path)
    const elements = value.map((item) => listItemElement(shape, item))
    const seen = new Set<string>()
    const repeated = new Set<string>()
    for (const element of elements) (seen.has(element) ? repeated : seen).add(element)
    for (const [index, element] of elements.entries()) {
      this.#path.push(element)
      if (!repeated.has(element)) this.visit(shape.item, value[index])
      this.owned.add(this.#path)
      this.#path.pop()
    }
  }
}
