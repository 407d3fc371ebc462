import { type Definitions, resolveRef, refName, type Schema } from "#schema"
import { objectMetaSchema } from "./object-meta-schema.ts"

/** What a scalar may be: `any` takes every scalar. */
export type ScalarType = "string" | "number" | "boolean" | "any"

/**
 * How the values at one place of an object merge. Several shapes stand where the schema leaves the
 * type open.
 */
export interface MergeType {
  readonly scalar: ScalarType | undefined
  readonly list: ListShape | undefined
  readonly map: MapShape | undefined
}

export interface ListShape {
  readonly atomic: boolean
  /** Empty for a set of scalars. */
  readonly keys: readonly string[]
  readonly item: MergeType
}

export interface MapShape {
  readonly atomic: boolean
  /** The declared members. */
  readonly fields: ReadonlyMap<string, FieldShape>
  /** The type of members that are not declared; undefined when there may be none. */
  readonly rest: MergeType | undefined
}

interface FieldShape {
  readonly type: MergeType
  /** Stands in for a list key that an item leaves out. */
  readonly default: unknown
}

const noFields: ReadonlyMap<string, FieldShape> = new Map()

/** For values without a schema below which nothing is told apart. */
const untypedAtomic: MergeType = {
  scalar: "any",
  list: {
    atomic: true,
    keys: [],
    get item() {
      return untypedAtomic
    },
  },
  map: {
    atomic: true,
    fields: noFields,
    get rest() {
      return untypedAtomic
    },
  },
}

/** For values without a schema: objects merge member by member, lists are replaced whole. */
export const deducedType: MergeType = {
  scalar: "any",
  list: { atomic: true, keys: [], item: untypedAtomic },
  map: {
    atomic: false,
    fields: noFields,
    get rest() {
      return deducedType
    },
  },
}

const stringType: MergeType = { scalar: "string", list: undefined, map: undefined }
const anyScalar: MergeType = { scalar: "any", list: undefined, map: undefined }

/**
 * Compiles schemas lazily, since Kubernetes' own refer to themselves; one per table of definitions.
 */
class TypeCompiler {
  readonly #definitions: Definitions
  readonly #typed = new WeakMap<Schema, MergeType>()
  readonly #open = new WeakMap<Schema, MergeType>()
  readonly #roots = new WeakMap<Schema, MergeType>()
  readonly #overrides = new WeakMap<Schema, MergeType>()

  constructor(definitions: Definitions) {
    this.#definitions = definitions
  }

  /** The type of whole objects: with `apiVersion`, `kind` and Kubernetes' own `metadata`. */
  root(schema: Schema): MergeType {
    let type = this.#roots.get(schema)
    if (!type) {
      type = this.#withObjectFields(this.type(schema, false))
      this.#roots.set(schema, type)
    }
    return type
  }

  /** `open`: a schema above preserves unknown fields, and with that this one. */
  type(schema: Schema, open: boolean): MergeType {
    const reference = referenceOf(schema)
    if (reference) return this.#referred(schema, reference)
    const cache = open ? this.#open : this.#typed
    let type = cache.get(schema)
    if (!type) {
      type = this.#compile(schema, open)
      cache.set(schema, type)
    }
    return type
  }

  #referred(schema: Schema, reference: Schema): MergeType {
    const name = refName(reference.$ref ?? "") ?? ""
    if (/(^|\.)RawExtension$/.test(name)) return untypedAtomic
    if (/(^|\.)Quantity$/.test(name)) return anyScalar
    const type = this.type(resolveRef(reference, this.#definitions), false)
    const mapType = schema["x-kubernetes-map-type"]
    if (mapType === undefined || !type.map) return type
    let overridden = this.#overrides.get(schema)
    if (!overridden) {
      const { fields, rest } = type.map
      overridden = { ...type, map: { atomic: mapType === "atomic", fields, rest } }
      this.#overrides.set(schema, overridden)
    }
    return overridden
  }

  #compile(schema: Schema, above: boolean): MergeType {
    const open = above || schema["x-kubernetes-preserve-unknown-fields"] === true
    const type = this.#shapes(schema, open)
    return schema["x-kubernetes-embedded-resource"] === true ? this.#withObjectFields(type) : type
  }

  #shapes(schema: Schema, open: boolean): MergeType {
    switch (schema.type) {
      case "object":
        return { scalar: undefined, list: undefined, map: this.#map(schema, open) }
      case "array":
        return { scalar: undefined, list: this.#list(schema, open), map: undefined }
      case "string":
        return schema.format === undefined || schema.format === "byte" ? stringType : anyScalar
      case "integer":
      case "number":
        return { scalar: "number", list: undefined, map: undefined }
      case "boolean":
        return { scalar: "boolean", list: undefined, map: undefined }
      case undefined:
      default:
        return { scalar: "any", list: this.#list(schema, open), map: this.#map(schema, open) }
    }
  }

  #list(schema: Schema, open: boolean): ListShape {
    const items = schema.items
    const item = once(() => {
      if (items === undefined) return untypedAtomic
      return Array.isArray(items) ? deducedType : this.type(items as Schema, open)
    })
    return {
      ...listMerge(schema),
      get item() {
        return item()
      },
    }
  }

  #map(schema: Schema, open: boolean): MapShape {
    const fields = new Map<string, FieldShape>()
    for (const [name, member] of Object.entries(schema.properties ?? {})) {
      fields.set(name, this.#field(member, open))
    }
    const extra = schema.additionalProperties
    const rest = once(() => {
      if (extra === undefined) return open || fields.size === 0 ? deducedType : undefined
      if (typeof extra === "boolean") return extra ? deducedType : undefined
      return this.type(extra, open)
    })
    return {
      atomic: schema["x-kubernetes-map-type"] === "atomic",
      fields,
      get rest() {
        return rest()
      },
    }
  }

  #field(member: Schema, open: boolean): FieldShape {
    const type = once(() => this.type(member, open))
    return {
      default: member.default,
      get type() {
        return type()
      },
    }
  }

  #withObjectFields(type: MergeType): MergeType {
    if (!type.map) return type
    const fields = new Map(type.map.fields)
    for (const name of ["apiVersion", "kind"]) {
      if (!fields.has(name)) fields.set(name, { type: stringType, default: undefined })
    }
    fields.set("metadata", { type: metadataType, default: undefined })
    return { ...type, map: { atomic: type.map.atomic, fields, rest: type.map.rest } }
  }
}

/** Puts a computation off until it is asked for, and does it once. */
function once<T>(compute: () => T): () => T {
  let result: { readonly value: T } | undefined
  return () => (result ??= { value: compute() }).value
}

/** The schema that holds the `$ref`: the schema itself, or the only member of its `allOf`. */
function referenceOf(schema: Schema): Schema | undefined {
  if (schema.$ref !== undefined) return schema
  const only = schema.allOf?.length === 1 ? schema.allOf[0] : undefined
  return only?.$ref === undefined ? undefined : only
}

/**
 * Kubernetes' own types say how lists merge in the terms of strategic merge patches where nothing
 * else is said.
 */
function listMerge(schema: Schema): { atomic: boolean; keys: readonly string[] } {
  const listType = schema["x-kubernetes-list-type"]
  if (listType === "map") return { atomic: false, keys: schema["x-kubernetes-list-map-keys"] ?? [] }
  if (listType !== undefined) return { atomic: listType === "atomic", keys: [] }
  const strategies = schema["x-kubernetes-patch-strategy"]?.split(",") ?? []
  if (!strategies.includes("merge")) return { atomic: true, keys: [] }
  const key = schema["x-kubernetes-patch-merge-key"]
  return { atomic: false, keys: key === undefined ? [] : [key] }
}

const metadataType: MergeType = new TypeCompiler({}).type(objectMetaSchema, false)
const noDefinitions: Definitions = {}
const compilers = new WeakMap<Definitions, TypeCompiler>()

/**
 * How objects of a kind merge; kinds without a schema merge by what their objects look like.
 * Compiled once per schema and table of definitions, which must not change afterwards.
 */
export function objectMergeType(
  schema: Schema | undefined,
  definitions: Definitions | undefined,
): MergeType {
  if (!schema) return deducedType
  const table = definitions ?? noDefinitions
  let compiler = compilers.get(table)
  if (!compiler) {
    compiler = new TypeCompiler(table)
    compilers.set(table, compiler)
  }
  return compiler.root(schema)
}
