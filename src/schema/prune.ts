import { setOwn } from "#base"
import { copyMembers } from "./copy-on-write.ts"
import { maxNesting } from "./nesting.ts"
import type { Pruner, SchemaNode } from "./node.ts"

/** What pruning did. The value is the very same one when nothing had to go. */
export interface Pruned<T> {
  readonly value: T
  /** Paths of what was dropped, sorted: `spec.foo`, `spec.list[0].bar`. */
  readonly pruned: readonly string[]
}

type JsonRecord = Record<string, unknown>

interface Manner {
  readonly keepsUnknown: boolean
  readonly embedded: boolean
}

/** How the members of an object are known, and what prunes them. */
interface Members {
  readonly fields: ReadonlyMap<string, SchemaNode>
  readonly additional: SchemaNode | undefined
  /** Members of a Kubernetes object that stay as they are. */
  readonly kept: ReadonlySet<string> | undefined
  readonly keepsUnknown: boolean
}

const objectFields: ReadonlySet<string> = new Set(["apiVersion", "kind", "metadata"])
const typeFields: ReadonlySet<string> = new Set(["apiVersion", "kind"])
const nothing: Members = {
  fields: new Map(),
  additional: undefined,
  kept: undefined,
  keepsUnknown: false,
}

const keep: Pruner = (value) => value

/** Drops all members of all objects below: what stands where no schema is. */
const dropAll: Pruner = (value, dropped, depth) => {
  if (typeof value !== "object" || value === null || depth >= maxNesting) return value
  if (Array.isArray(value)) return pruneList(value, dropAll, dropped, depth)
  return pruneObject(value as JsonRecord, nothing, dropped, depth)
}

/** Drops unknown fields below `node`. A resource keeps its `apiVersion`, `kind` and `metadata`. */
export function pruneValue<T>(node: SchemaNode, value: T, isResource: boolean): Pruned<T> {
  const dropped: string[] = []
  const prune = isResource ? resourcePrunerOf(node) : prunerOf(node)
  const result = prune(value, dropped, 0) as T
  return { value: result, pruned: dropped.map(withoutLeadingDot).sort() }
}

function prunerOf(node: SchemaNode): Pruner {
  return (node.compiled.prune ??= compile(node, {
    keepsUnknown: node.preservesUnknown,
    embedded: node.embedded,
  }))
}

function knownPrunerOf(node: SchemaNode): Pruner {
  return (node.compiled.pruneKnown ??= compile(node, {
    keepsUnknown: true,
    embedded: node.embedded,
  }))
}

function resourcePrunerOf(node: SchemaNode): Pruner {
  return (node.compiled.pruneResource ??= compile(node, {
    keepsUnknown: node.preservesUnknown,
    embedded: true,
  }))
}

function compile(node: SchemaNode, { keepsUnknown, embedded }: Manner): Pruner {
  if (keepsUnknown && !node.hasChildren) return keep
  const { fields, additional, items } = node
  const kept = embedded ? keptFields(node) : undefined
  const members: Members = { fields, additional, kept, keepsUnknown }
  const itemPruner = (): Pruner => {
    if (!items) return keepsUnknown ? keep : dropAll
    return keepsUnknown ? knownPrunerOf(items) : prunerOf(items)
  }
  return (value, dropped, depth) => {
    if (typeof value !== "object" || value === null || depth >= maxNesting) return value
    if (Array.isArray(value)) return pruneList(value, itemPruner(), dropped, depth)
    return pruneObject(value as JsonRecord, members, dropped, depth)
  }
}

/**
 * An object whose metadata is a definition has it pruned like the rest; otherwise it is left alone.
 */
function keptFields(node: SchemaNode): ReadonlySet<string> {
  const metadata = node.schema.properties?.["metadata"]
  return metadata?.$ref === undefined ? objectFields : typeFields
}

function pruneList(
  list: readonly unknown[],
  prune: Pruner,
  dropped: string[],
  depth: number,
): readonly unknown[] {
  if (prune === keep) return list
  let copy: unknown[] | undefined
  for (let index = 0; index < list.length; index += 1) {
    const item = list[index]
    if (typeof item !== "object" || item === null) continue
    const before = dropped.length
    const pruned = prune(item, dropped, depth + 1)
    if (pruned === item) continue
    lead(dropped, before, `[${index}]`)
    copy ??= list.slice()
    copy[index] = pruned
  }
  return copy ?? list
}

function pruneObject(
  object: JsonRecord,
  members: Members,
  dropped: string[],
  depth: number,
): JsonRecord {
  const names = Object.keys(object)
  let copy: JsonRecord | undefined
  for (let index = 0; index < names.length; index += 1) {
    const name = names[index] as string
    let member = object[name]
    const isKept = members.kept?.has(name)
    const node = isKept ? undefined : (members.fields.get(name) ?? members.additional)
    if (node) {
      const before = dropped.length
      const pruned = pruneMember(member, node, dropped, depth)
      if (pruned !== member) {
        lead(dropped, before, `.${name}`)
        copy ??= copyMembers(object, names, index)
        member = pruned
      }
    } else if (!isKept && !members.keepsUnknown) {
      dropped.push(`.${name}`)
      copy ??= copyMembers(object, names, index)
      continue
    }
    if (copy) setOwn(copy, name, member)
  }
  return copy ?? object
}

function pruneMember(member: unknown, node: SchemaNode, dropped: string[], depth: number): unknown {
  if (typeof member !== "object" || member === null) return member
  return prunerOf(node)(member, dropped, depth + 1)
}

function lead(dropped: string[], from: number, segment: string): void {
  for (let index = from; index < dropped.length; index += 1) {
    dropped[index] = segment + (dropped[index] ?? "")
  }
}

function withoutLeadingDot(path: string): string {
  return path.startsWith(".") ? path.slice(1) : path
}
