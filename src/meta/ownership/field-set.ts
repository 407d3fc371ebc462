/**
 * A set of field paths as the trie that `fieldsV1` carries on the wire. A key names one step
 * (`f:name`, `k:{"name":"a"}`, `v:"x"`, `i:0`); a node without keys is a member; a node that is a
 * member and has children besides says so with the key `.`. At the root `{}` is the empty set.
 * Values are shared and never changed once built, and every operation returns an operand itself
 * when the result equals it.
 */
export interface FieldSet {
  readonly [element: string]: FieldSet
}

/** The trie while it grows; only its builder holds it. */
interface GrowingSet {
  [element: string]: GrowingSet
}

export const emptySet: FieldSet = Object.freeze({})

const leaf: FieldSet = emptySet
const self = "."

/** True for a node without keys: as a root the empty set, below it a member without children. */
export function hasNoKeys(node: FieldSet): boolean {
  for (const _ in node) return false
  return true
}

/** True when no path is in the set. */
export function isEmptySet(set: FieldSet): boolean {
  return hasNoKeys(set)
}

/** True when the node below a key is itself in the set, whatever lies under it. */
export function isMember(node: FieldSet): boolean {
  return node[self] !== undefined || hasNoKeys(node)
}

/** True when something below the node is in the set. */
export function hasChildren(node: FieldSet): boolean {
  for (const key in node) if (key !== self) return true
  return false
}

/** A node from its parts; undefined when it would be neither a member nor have children. */
function makeNode(member: boolean, children: FieldSet | undefined): FieldSet | undefined {
  if (children === undefined || hasNoKeys(children)) return member ? leaf : undefined
  return member ? { [self]: leaf, ...children } : children
}

/** The children of a node as a set of their own, without the node's own membership. */
export function childrenOf(node: FieldSet): FieldSet {
  if (node[self] === undefined) return node
  const { [self]: _, ...children } = node
  return children
}

/** The same node as a member of its parent. */
export function withMembership(node: FieldSet): FieldSet {
  return isMember(node) ? node : { [self]: leaf, ...node }
}

/** Everything in either set. */
export function union(left: FieldSet, right: FieldSet): FieldSet {
  if (left === right || hasNoKeys(right)) return left
  if (hasNoKeys(left)) return right
  let result: GrowingSet | undefined
  for (const key in right) {
    const theirs = right[key]!
    const ours = left[key]
    const merged = ours === undefined ? theirs : key === self ? ours : unionNodes(ours, theirs)
    if (merged === ours) continue
    result ??= { ...left }
    result[key] = merged
  }
  return result ?? left
}

function unionNodes(left: FieldSet, right: FieldSet): FieldSet {
  if (left === right) return left
  if (hasNoKeys(right)) return withMembership(left)
  if (hasNoKeys(left)) return withMembership(right)
  return union(left, right)
}

/** Everything in both sets. */
export function intersection(left: FieldSet, right: FieldSet): FieldSet {
  if (left === right) return left
  const result: GrowingSet = {}
  for (const key in left) {
    const ours = left[key]!
    const theirs = right[key]
    if (theirs === undefined || key === self) continue
    const children = intersection(childrenOf(ours), childrenOf(theirs))
    const node = makeNode(isMember(ours) && isMember(theirs), children)
    if (node !== undefined) result[key] = node
  }
  return result
}

/**
 * The members of `left` that are not members of `right`. Members below a member of `right` stay;
 * `differenceBelow` takes them out too.
 */
export function difference(left: FieldSet, right: FieldSet): FieldSet {
  return subtract(left, right, false)
}

/** The members of `left` that are neither members of `right` nor lie below one. */
export function differenceBelow(left: FieldSet, right: FieldSet): FieldSet {
  return subtract(left, right, true)
}

function subtract(left: FieldSet, right: FieldSet, below: boolean): FieldSet {
  let result: GrowingSet | undefined
  for (const key in right) {
    const ours = left[key]
    if (ours === undefined || key === self) continue
    const node = subtractNodes(ours, right[key]!, below)
    if (node === ours) continue
    result ??= { ...left }
    if (node === undefined) delete result[key]
    else result[key] = node
  }
  return result ?? left
}

function subtractNodes(left: FieldSet, right: FieldSet, below: boolean): FieldSet | undefined {
  const taken = isMember(right)
  if (taken && below) return undefined
  const rest = subtract(left, right, below)
  if (rest === left && !taken) return left
  return makeNode(isMember(left) && !taken, childrenOf(rest))
}

export function equalSets(left: FieldSet, right: FieldSet): boolean {
  if (left === right) return true
  let count = 0
  for (const key in left) {
    const theirs = right[key]
    if (theirs === undefined || !equalSets(left[key]!, theirs)) return false
    count += 1
  }
  for (const _ in right) count -= 1
  return count === 0
}

/** True when the path, given as elements, is a member. The empty path never is. */
export function hasPath(set: FieldSet, path: readonly string[]): boolean {
  let node: FieldSet | undefined = set
  for (const element of path) {
    node = node[element]
    if (node === undefined) return false
  }
  return path.length > 0 && isMember(node)
}

/** Every member path: what belongs to a node first, then what lies below its children. */
export function pathsOf(set: FieldSet): string[][] {
  const paths: string[][] = []
  collectPaths(set, [], paths)
  return paths
}

function collectPaths(set: FieldSet, prefix: readonly string[], into: string[][]): void {
  const keys = Object.keys(set)
    .filter((key) => key !== self)
    .sort(compareElements)
  for (const key of keys) if (isMember(set[key]!)) into.push([...prefix, key])
  for (const key of keys) {
    if (hasChildren(set[key]!)) collectPaths(set[key]!, [...prefix, key], into)
  }
}

/** The set with its keys in wire order: the node itself, fields, keys, values, indexes. */
export function sortSet(set: FieldSet): FieldSet {
  const keys = Object.keys(set)
  let changed = false
  for (let index = 1; index < keys.length && !changed; index += 1) {
    changed = compareElements(keys[index - 1]!, keys[index]!) > 0
  }
  if (changed) keys.sort(compareElements)
  const result: GrowingSet = {}
  for (const key of keys) {
    const node = set[key]!
    const sorted = sortSet(node)
    changed ||= sorted !== node
    result[key] = sorted
  }
  return changed ? result : set
}

const kinds = ".fkvi"

function compareElements(left: string, right: string): number {
  const byKind = kinds.indexOf(left[0]!) - kinds.indexOf(right[0]!)
  return byKind !== 0 ? byKind : left < right ? -1 : left > right ? 1 : 0
}

/** Collects paths one by one; the set may be read once nothing more is added. */
export class FieldSetBuilder {
  readonly #root: GrowingSet = {}

  get set(): FieldSet {
    return this.#root
  }

  /** Adds a path given as elements; the empty path is not tracked. */
  add(path: readonly string[]): void {
    let node = this.#root
    const last = path.length - 1
    for (let index = 0; index < last; index += 1) {
      const element = path[index]!
      const next = node[element]
      if (next === undefined) node = node[element] = {}
      else {
        if (hasNoKeys(next)) next[self] = leaf
        node = next
      }
    }
    const element = path[last]
    if (element === undefined) return
    const existing = node[element]
    if (existing === undefined) node[element] = {}
    else if (!hasNoKeys(existing)) existing[self] = leaf
  }
}
