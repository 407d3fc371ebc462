import { emptySet, type FieldSet, FieldSetBuilder, isEmptySet } from "./field-set.ts"
import { FieldTypeError } from "./field-type-error.ts"
import { deducedType, type ListShape, type MapShape, type MergeType } from "./merge-type.ts"
import { fieldElement, pathText } from "./path-element.ts"
import {
  equalValues,
  isEmptyMap,
  isList,
  isMap,
  ListItemError,
  listItemElement,
  memberOf,
  type Members,
  shapeFor,
  type ShapeName,
} from "./typed-value.ts"

/** Which fields differ between two objects of one type. */
export interface Comparison {
  readonly added: FieldSet
  readonly modified: FieldSet
  readonly removed: FieldSet
}

const sameObjects: Comparison = { added: emptySet, modified: emptySet, removed: emptySet }

export function isSame({ added, modified, removed }: Comparison): boolean {
  return isEmptySet(added) && isEmptySet(modified) && isEmptySet(removed)
}

/**
 * Tells which fields `right` adds, changes and removes. Lists may hold several items for one key;
 * those are compared together. Throws `FieldTypeError` for list items without a key.
 */
export function compareValues(type: MergeType, left: unknown, right: unknown): Comparison {
  if (left === right) return sameObjects
  const walk = new Comparer()
  walk.compare(type, left, right)
  return { added: walk.added.set, modified: walk.modified.set, removed: walk.removed.set }
}

interface ItemGroup {
  readonly left: unknown[]
  readonly right: unknown[]
}

class Comparer {
  readonly added = new FieldSetBuilder()
  readonly modified = new FieldSetBuilder()
  readonly removed = new FieldSetBuilder()
  readonly #path: string[] = []

  /** `undefined` stands for absent; at most one side is. */
  compare(type: MergeType, left: unknown, right: unknown): void {
    if (left === right) return
    const leftShape = shapeFor(type, left)
    const rightShape = shapeFor(type, right)
    let whole: boolean
    if (right === undefined) whole = this.#visit(type, leftShape, left, right)
    else {
      if (left !== undefined && leftShape !== rightShape) this.#visit(type, leftShape, left, right)
      whole = this.#visit(type, rightShape, left, right)
    }
    if (whole) return
    if (left === undefined) this.added.add(this.#path)
    else if (right === undefined) this.removed.add(this.#path)
  }

  /**
   * Returns true when the values were compared as a whole, so that the place is already counted.
   */
  #visit(type: MergeType, name: ShapeName, left: unknown, right: unknown): boolean {
    if (name === "map") return this.#map(type.map!, left, right)
    return name === "list" ? this.#list(type.list!, left, right) : this.#whole(left, right)
  }

  #whole(left: unknown, right: unknown): true {
    if (left === undefined) this.added.add(this.#path)
    else if (right === undefined) this.removed.add(this.#path)
    else if (!equalValues(left, right)) this.modified.add(this.#path)
    return true
  }

  #map(shape: MapShape, left: unknown, right: unknown): boolean {
    const ours = isMap(left) && !isEmptyMap(left) ? left : undefined
    const theirs = isMap(right) && !isEmptyMap(right) ? right : undefined
    if (shape.atomic || (!ours && !theirs)) return this.#whole(left, right)
    for (const name in ours) {
      if (memberOf(ours, name) !== undefined) this.#member(shape, name, ours, theirs)
    }
    for (const name in theirs) {
      if (memberOf(theirs, name) === undefined) continue
      if (!ours || memberOf(ours, name) === undefined) this.#member(shape, name, ours, theirs)
    }
    return false
  }

  #member(shape: MapShape, name: string, ours?: Members, theirs?: Members): void {
    const left = ours && memberOf(ours, name)
    const right = theirs && memberOf(theirs, name)
    if (left === right) return
    const type = shape.fields.get(name)?.type ?? shape.rest ?? deducedType
    this.#path.push(fieldElement(name))
    this.compare(type, left, right)
    this.#path.pop()
  }

  #list(shape: ListShape, left: unknown, right: unknown): boolean {
    const ours = isList(left) && left.length > 0 ? left : undefined
    const theirs = isList(right) && right.length > 0 ? right : undefined
    if (shape.atomic || (!ours && !theirs)) return this.#whole(left, right)
    if (ours && theirs && equalValues(ours, theirs)) return false
    const groups = new Map<string, ItemGroup>()
    this.#group(shape, ours, "left", groups)
    this.#group(shape, theirs, "right", groups)
    for (const [element, group] of groups) {
      this.#path.push(element)
      this.#items(shape, group)
      this.#path.pop()
    }
    return false
  }

  #group(
    shape: ListShape,
    items: readonly unknown[] | undefined,
    side: "left" | "right",
    into: Map<string, ItemGroup>,
  ): void {
    for (const [index, item] of items?.entries() ?? []) {
      const element = this.#element(shape, index, item)
      let group = into.get(element)
      if (!group) into.set(element, (group = { left: [], right: [] }))
      group[side].push(item)
    }
  }

  #element(shape: ListShape, index: number, item: unknown): string {
    try {
      return listItemElement(shape, item)
    } catch (error) {
      if (!(error instanceof ListItemError)) throw error
      throw new FieldTypeError([
        { path: pathText(this.#path), message: `element ${index}: ${error.message}` },
      ])
    }
  }

  /**
   * Items that share a key count as one place; they are told apart only while there is one on each
   * side.
   */
  #items(shape: ListShape, { left, right }: ItemGroup): void {
    if (left.length < 2 && right.length < 2) {
      this.compare(shape.item, left[0], right[0])
    } else if (left.length > 1 && right.length > 1) {
      if (!equalValues(left, right)) this.modified.add(this.#path)
    } else if (left.length > 1) {
      if (right.length === 1) this.compare(shape.item, undefined, right[0])
      this.removed.add(this.#path)
    } else {
      if (left.length === 1) this.compare(shape.item, left[0], undefined)
      this.added.add(this.#path)
    }
  }
}
