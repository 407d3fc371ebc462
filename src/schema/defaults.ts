import { cloneJson, setOwn } from "#base"
import { copyMembers } from "./copy-on-write.ts"
import { maxNesting } from "./nesting.ts"
import type { SchemaNode } from "./node.ts"

/** Returns the value with defaults filled in; the very same value when nothing changed. */
type Defaulter = (value: unknown, depth: number) => unknown

interface FieldDefault {
  readonly name: string
  readonly node: SchemaNode
}

/** The defaulting functions of a schema's nodes, compiled when first needed. */
export class DefaultPass {
  readonly #memory = new Map<SchemaNode, Defaulter>()

  /**
   * Fills in defaults. A null that the schema does not allow for is replaced by the default, or
   * dropped when there is none (in a list it stays, for validation to name it).
   */
  run<T>(node: SchemaNode, value: T): T {
    return this.#defaulterOf(node)(value, 0) as T
  }

  #defaulterOf(node: SchemaNode): Defaulter {
    let defaulter = this.#memory.get(node)
    if (!defaulter) {
      defaulter = this.#compile(node)
      this.#memory.set(node, defaulter)
    }
    return defaulter
  }

  #compile(node: SchemaNode): Defaulter {
    if (!node.hasChildren) return same
    const { fields, additional, items } = node
    const defaulted = [...fields]
      .map(([name, field]) => ({ name, node: field }))
      .filter((field) => field.node.schema.default !== undefined)
    const memberNode = (name: string): SchemaNode | undefined => fields.get(name) ?? additional
    return (value, depth) => {
      if (typeof value !== "object" || value === null || depth >= maxNesting) return value
      if (Array.isArray(value)) return items ? this.#list(value, items, depth) : value
      const object = value as Record<string, unknown>
      return this.#missing(this.#members(object, memberNode, depth), defaulted, depth)
    }
  }

  #list(list: readonly unknown[], node: SchemaNode, depth: number): readonly unknown[] {
    let copy: unknown[] | undefined
    for (let index = 0; index < list.length; index += 1) {
      const item = list[index]
      const result = item === null ? this.#null(node, depth) : this.#child(item, node, depth)
      if (result === item || result === undefined) continue
      copy ??= list.slice()
      copy[index] = result
    }
    return copy ?? list
  }

  #members(
    object: Record<string, unknown>,
    nodeOf: (name: string) => SchemaNode | undefined,
    depth: number,
  ): Record<string, unknown> {
    const names = Object.keys(object)
    let copy: Record<string, unknown> | undefined
    for (let index = 0; index < names.length; index += 1) {
      const name = names[index] as string
      const member = object[name]
      let result = member
      if (typeof member === "object") {
        const node = nodeOf(name)
        if (node)
          result = member === null ? this.#null(node, depth) : this.#child(member, node, depth)
      }
      if (result !== member) copy ??= copyMembers(object, names, index)
      if (copy && result !== undefined) setOwn(copy, name, result)
    }
    return copy ?? object
  }

  #missing(
    object: Record<string, unknown>,
    defaulted: readonly FieldDefault[],
    depth: number,
  ): Record<string, unknown> {
    let result = object
    for (const { name, node } of defaulted) {
      if (Object.hasOwn(object, name) && object[name] !== undefined) continue
      if (result === object) result = { ...object }
      setOwn(result, name, this.#default(node, depth))
    }
    return result
  }

  #child(value: unknown, node: SchemaNode, depth: number): unknown {
    if (typeof value !== "object" || value === null) return value
    return this.#defaulterOf(node)(value, depth + 1)
  }

  /** What stands in for a null: itself when allowed, else the default, else nothing. */
  #null(node: SchemaNode, depth: number): unknown {
    return node.nullable ? null : this.#default(node, depth)
  }

  #default(node: SchemaNode, depth: number): unknown {
    const value = node.schema.default
    if (typeof value !== "object" || value === null) return value
    return this.#child(cloneJson(value), node, depth)
  }
}

const same: Defaulter = (value) => value
