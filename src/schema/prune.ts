import { setOwn } from "#base"
import { copyMembers } from "./copy-on-write.ts"
import { maxNesting } from "./nesting.ts"
import type { SchemaNode } from "./node.ts"

/** What pruning did. The value is the very same one when nothing had to go. */
export interface Pruned<T> {
  readonly value: T
  /** Paths of what was dropped, sorted: `spec.foo`, `spec.list[0].bar`. */
  readonly pruned: readonly string[]
}

/** Returns the value without unknown fields; adds what it dropped to `dropped`, each led by `.` or `[`. */
type Pruner = (value: unknown, dropped: string[], depth: number) => unknown

const objectFields: ReadonlySet<string> = new Set(["apiVersion", "kind", "metadata"])

const keep: Pruner = (value) => value

/** The pruning functions of a schema's nodes, compiled when first needed. */
export class PrunePass {
  readonly #strict = new Map<SchemaNode, Pruner>()
  readonly #lenient = new Map<SchemaNode, Pruner>()
  readonly #resources = new Map<SchemaNode, Pruner>()

  /** Drops unknown fields below `node`. A resource keeps its `apiVersion`, `kind` and `metadata`. */
  run<T>(node: SchemaNode, value: T, isResource: boolean): Pruned<T> {
    const dropped: string[] = []
    const prune = isResource ? this.#resourcePrunerOf(node) : this.#prunerOf(node)
    const result = prune(value, dropped, 0) as T
    return { value: result, pruned: dropped.map(withoutLeadingDot).sort() }
  }

  #prunerOf(node: SchemaNode): Pruner {
    return remembered(this.#strict, node, () =>
      this.#compile(node, { keepsUnknown: node.preservesUnknown, embedded: node.embedded }),
    )
  }

  /** For items of a list that keeps what it does not know: they keep it too. */
  #lenientPrunerOf(node: SchemaNode): Pruner {
    return remembered(this.#lenient, node, () =>
      this.#compile(node, { keepsUnknown: true, embedded: node.embedded }),
    )
  }

  #resourcePrunerOf(node: SchemaNode): Pruner {
    return remembered(this.#resources, node, () =>
      this.#compile(node, { keepsUnknown: node.preservesUnknown, embedded: true }),
    )
  }

  #compile(node: SchemaNode, { keepsUnknown, embedded }: Manner): Pruner {
    if (keepsUnknown && !node.hasChildren) return keep
    const { fields, additional } = node
    const pruneItem = this.#itemPruner(node, keepsUnknown)
    const kept = embedded ? keptFields(node) : undefined
    const pruneMember = (name: string): Pruner | undefined => {
      if (kept?.has(name)) return keep
      const member = fields.get(name) ?? additional
      if (member) return this.#prunerOf(member)
      return keepsUnknown ? keep : undefined
    }
    return (value, dropped, depth) => {
      if (typeof value !== "object" || value === null || depth >= maxNesting) return value
      if (Array.isArray(value)) return pruneList(value, pruneItem, dropped, depth)
      return pruneObject(value as Record<string, unknown>, pruneMember, dropped, depth)
    }
  }

  #itemPruner(node: SchemaNode, keepsUnknown: boolean): () => Pruner {
    const { items } = node
    if (!items) return () => (keepsUnknown ? keep : dropAll)
    return () => (keepsUnknown ? this.#lenientPrunerOf(items) : this.#prunerOf(items))
  }
}

interface Manner {
  readonly keepsUnknown: boolean
  readonly embedded: boolean
}

function remembered(
  memory: Map<SchemaNode, Pruner>,
  node: SchemaNode,
  compile: () => Pruner,
): Pruner {
  let pruner = memory.get(node)
  if (!pruner) {
    pruner = compile()
    memory.set(node, pruner)
  }
  return pruner
}

/** An object whose metadata is a definition has it pruned like the rest; otherwise it is left alone. */
function keptFields(node: SchemaNode): ReadonlySet<string> {
  const metadata = node.schema.properties?.["metadata"]
  return metadata?.$ref === undefined ? objectFields : new Set(["apiVersion", "kind"])
}

const dropAll: Pruner = (value, dropped, depth) => {
  if (typeof value !== "object" || value === null || depth >= maxNesting) return value
  if (Array.isArray(value)) return pruneList(value, () => dropAll, dropped, depth)
  return pruneObject(value as Record<string, unknown>, () => undefined, dropped, depth)
}

function pruneList(
  list: readonly unknown[],
  prunerOfItem: () => Pruner,
  dropped: string[],
  depth: number,
): readonly unknown[] {
  const prune = prunerOfItem()
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
  object: Record<string, unknown>,
  prunerOfMember: (name: string) => Pruner | undefined,
  dropped: string[],
  depth: number,
): Record<string, unknown> {
  const names = Object.keys(object)
  let copy: Record<string, unknown> | undefined
  for (let index = 0; index < names.length; index += 1) {
    const name = names[index] as string
    const member = object[name]
    const prune = prunerOfMember(name)
    if (prune === undefined) {
      dropped.push(`.${name}`)
      copy ??= copyMembers(object, names, index)
      continue
    }
    let pruned = member
    if (typeof member === "object" && member !== null) {
      const before = dropped.length
      pruned = prune(member, dropped, depth + 1)
      if (pruned !== member) {
        lead(dropped, before, `.${name}`)
        copy ??= copyMembers(object, names, index)
      }
    }
    if (copy) setOwn(copy, name, pruned)
  }
  return copy ?? object
}

function lead(dropped: string[], from: number, segment: string): void {
  for (let index = from; index < dropped.length; index += 1) {
    dropped[index] = segment + (dropped[index] ?? "")
  }
}

function withoutLeadingDot(path: string): string {
  return path.startsWith(".") ? path.slice(1) : path
}

/** The text of a strict decoding error or warning for one dropped path. */
export function unknownFieldMessage(path: string): string {
  return `unknown field "${path}"`
}
