import { type Definitions, resolveRef, type Schema } from "#schema"

/** What a strategic merge patch needs to know of one place in an object. */
export interface PatchSchema {
  /**
   * How a value at this place meets the one before it; `replace` where nothing else is said of a
   * list.
   */
  readonly strategies: readonly string[]
  readonly mergeKey: string | undefined
  member(name: string): PatchSchema
  /** The items, where this is a list. */
  readonly items: PatchSchema
}

/** A place that the schema says nothing about. */
const unknownPlace: PatchSchema = {
  strategies: [],
  mergeKey: undefined,
  member: () => unknownPlace,
  get items() {
    return unknownPlace
  },
}

/**
 * The patch keys of a schema; those beside a `$ref` belong to the place, what lies below to its
 * target.
 */
export function patchSchema(schema: Schema, definitions: Definitions): PatchSchema {
  const reference = schema.allOf?.length === 1 ? (schema.allOf[0] ?? schema) : schema
  const target = reference.$ref === undefined ? schema : resolveRef(reference, definitions)
  return {
    strategies: schema["x-kubernetes-patch-strategy"]?.split(",") ?? [],
    mergeKey: schema["x-kubernetes-patch-merge-key"],
    member(name) {
      const { properties, additionalProperties } = target
      const declared = properties && Object.hasOwn(properties, name) ? properties[name] : undefined
      if (declared) return patchSchema(declared, definitions)
      if (typeof additionalProperties !== "object") return unknownPlace
      return patchSchema(additionalProperties, definitions)
    },
    get items() {
      const items = target.items
      if (items === undefined || Array.isArray(items)) return unknownPlace
      return patchSchema(items as Schema, definitions)
    },
  }
}
