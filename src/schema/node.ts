import type { Validator } from "./draft.ts"
import { resolveRef, type Definitions, type Schema } from "./schema.ts"

/**
 * One place of a compiled schema: references resolved, keywords normalised, children made when they
 * are first asked for (so that a recursive schema is finite, and an unused one costs nothing).
 */
export class SchemaNode {
  readonly schema: Schema
  readonly preservesUnknown: boolean
  readonly embedded: boolean
  readonly nullable: boolean
  /** The compiled functions of this place, left here by the passes that made them. */
  readonly compiled: CompiledFunctions = {}
  readonly #tree: SchemaTree
  #fields: ReadonlyMap<string, SchemaNode> | undefined
  #additional: SchemaNode | null | undefined
  #items: SchemaNode | null | undefined

  constructor(schema: Schema, tree: SchemaTree) {
    this.#tree = tree
    this.schema = schema
    this.preservesUnknown = schema["x-kubernetes-preserve-unknown-fields"] === true
    this.embedded = schema["x-kubernetes-embedded-resource"] === true
    this.nullable = schema.nullable === true
  }

  get fields(): ReadonlyMap<string, SchemaNode> {
    this.#fields ??= new Map(
      Object.entries(this.schema.properties ?? {}).map(([name, property]) => [
        name,
        this.#tree.nodeOf(property),
      ]),
    )
    return this.#fields
  }

  /**
   * What members that are not listed must be; undefined when the schema does not allow for them.
   */
  get additional(): SchemaNode | undefined {
    if (this.#additional === undefined) {
      const { additionalProperties } = this.schema
      if (additionalProperties === true) this.#additional = this.#tree.nodeOf(anything)
      else this.#additional = additionalProperties ? this.#tree.nodeOf(additionalProperties) : null
    }
    return this.#additional ?? undefined
  }

  get items(): SchemaNode | undefined {
    if (this.#items === undefined) {
      const { items } = this.schema
      this.#items = isSingle(items) ? this.#tree.nodeOf(items) : null
    }
    return this.#items ?? undefined
  }

  /** The node of a schema in this one's `allOf`, `anyOf`, `oneOf` or `not`. */
  nested(schema: Schema): SchemaNode {
    return this.#tree.nodeOf(schema)
  }

  /** True when the schema says anything about members or items. */
  get hasChildren(): boolean {
    return this.fields.size > 0 || this.additional !== undefined || this.items !== undefined
  }
}

/**
 * Returns the value without unknown fields; adds what it dropped to `dropped`, each led by `.` or
 * `[`.
 */
export type Pruner = (value: unknown, dropped: string[], depth: number) => unknown

/** Returns the value with defaults filled in. */
export type Defaulter = (value: unknown, depth: number) => unknown

interface CompiledFunctions {
  prune?: Pruner
  /** For items of a list that keeps what it does not know. */
  pruneKnown?: Pruner
  /** For a whole Kubernetes object. */
  pruneResource?: Pruner
  applyDefaults?: Defaulter
  validate?: Validator
}

const anything: Schema = { "x-kubernetes-preserve-unknown-fields": true, nullable: true }

function isSingle(items: Schema | readonly Schema[] | undefined): items is Schema {
  return items !== undefined && !Array.isArray(items)
}

/**
 * The nodes of one schema and its definitions; the same schema value always gives the same node.
 */
export class SchemaTree {
  readonly #definitions: Definitions
  readonly #nodes = new Map<Schema, SchemaNode>()

  constructor(definitions: Definitions) {
    this.#definitions = definitions
  }

  /** A reference stands for its definition, with what is written beside it laid over. */
  nodeOf(schema: Schema): SchemaNode {
    let node = this.#nodes.get(schema)
    if (!node) {
      node = schema.$ref === undefined ? new SchemaNode(schema, this) : this.#follow(schema)
      this.#nodes.set(schema, node)
    }
    return node
  }

  #follow(schema: Schema): SchemaNode {
    const target = resolveRef(schema, this.#definitions)
    const { $ref: _, description: _description, ...beside } = schema
    if (Object.keys(beside).length === 0) return this.nodeOf(target)
    return new SchemaNode({ ...target, ...beside }, this)
  }
}
