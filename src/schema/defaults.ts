import { cloneJson, setOwn } from "#base"
import { copyMembers } from "./copy-on-write.ts"
import { maxNesting } from "./nesting.ts"
import type { Defaulter, SchemaNode } from "./node.ts"

type JsonRecord = Record<string, unknown>

/**
 * Fills in defaults. A null that the schema does not allow for is replaced by the default, or
 * dropped when there is none (in a list it stays, for validation to name it).
 */
export function applyDefaults<T>(node: SchemaNode, value: T): T {
  return defaulterOf(node)(value, 0) as T
}

function defaulterOf(node: SchemaNode): Defaulter {
  return (node.compiled.applyDefaults ??= compile(node))
}

const same: Defaulter = (value) => value

function compile(node: SchemaNode): Defaulter {
  if (!node.hasChildren) return same
  const { fields, items } = node
  const defaulted = [...fields].filter(([, field]) => hasDefault(field))
  return (value, depth) => {
    if (typeof value !== "object" || value === null || depth >= maxNesting) return value
    if (Array.isArray(value)) return items ? fillItems(value, items, depth) : value
    return addMissing(fillMembers(value as JsonRecord, node, depth), defaulted, depth)
  }
}

function fillItems(list: readonly unknown[], node: SchemaNode, depth: number): readonly unknown[] {
  let copy: unknown[] | undefined
  for (let index = 0; index < list.length; index += 1) {
    const item = list[index]
    const result = item === null ? insteadOfNull(node, depth) : fillChild(item, node, depth)
    if (result === item || result === undefined) continue
    copy ??= list.slice()
    copy[index] = result
  }
  return copy ?? list
}

function fillMembers(object: JsonRecord, parent: SchemaNode, depth: number): JsonRecord {
  const { fields, additional } = parent
  const names = Object.keys(object)
  let copy: JsonRecord | undefined
  for (let index = 0; index < names.length; index += 1) {
    const name = names[index] as string
    const member = object[name]
    let result = member
    if (typeof member === "object") {
      const node = fields.get(name) ?? additional
      if (node)
        result = member === null ? insteadOfNull(node, depth) : fillChild(member, node, depth)
    }
    if (result !== member) copy ??= copyMembers(object, names, index)
    if (copy && result !== undefined) setOwn(copy, name, result)
  }
  return copy ?? object
}

function addMissing(
  object: JsonRecord,
  defaulted: readonly (readonly [string, SchemaNode])[],
  depth: number,
): JsonRecord {
  let result = object
  for (const [name, node] of defaulted) {
    if (object[name] !== undefined && Object.hasOwn(object, name)) continue
    if (result === object) result = { ...object }
    setOwn(result, name, defaultOf(node, depth))
  }
  return result
}

function fillChild(value: unknown, node: SchemaNode, depth: number): unknown {
  if (typeof value !== "object" || value === null) return value
  return defaulterOf(node)(value, depth + 1)
}

/** What stands in for a null: itself when allowed, else the default, else nothing. */
function insteadOfNull(node: SchemaNode, depth: number): unknown {
  return node.nullable ? null : defaultOf(node, depth)
}

/** A default of null is none. */
function hasDefault(node: SchemaNode): boolean {
  return node.schema.default !== undefined && node.schema.default !== null
}

function defaultOf(node: SchemaNode, depth: number): unknown {
  const value = node.schema.default ?? undefined
  if (typeof value !== "object") return value
  return fillChild(cloneJson(value), node, depth)
}
