import { setOwn, type JsonObject } from "#base"
import { refName, type Schema } from "./schema.ts"

/** A schema as an OpenAPI document carries it. */
export type OpenApiSchema = JsonObject

/** Answers the reference to a definition within the document, and sees to it that it gets there. */
export type ReferenceOf = (name: string) => string

const oneSchema: ReadonlySet<string> = new Set(["additionalProperties", "items", "not"])
const schemaLists: ReadonlySet<string> = new Set(["allOf", "anyOf", "oneOf", "items"])
const schemaMaps: ReadonlySet<string> = new Set(["properties"])

/**
 * The OpenAPI v3 form of a schema: descriptions, limits and `x-kubernetes-*` extensions stay as
 * they are; references point into the document, and stand in an `allOf` where something is said
 * beside them, because OpenAPI ignores what stands beside a bare one.
 */
export function toOpenApi(schema: Schema, referenceOf: ReferenceOf): OpenApiSchema {
  const result: Record<string, unknown> = {}
  for (const [keyword, value] of Object.entries(schema)) {
    if (value === undefined || keyword === "$ref") continue
    setOwn(result, keyword, convert(keyword, value, referenceOf))
  }
  if (schema.$ref === undefined) return result as OpenApiSchema
  const $ref = referenceOf(refName(schema.$ref) ?? schema.$ref)
  if (Object.keys(result).length === 0) return { $ref }
  return { ...result, allOf: [{ $ref }, ...((result["allOf"] as readonly JsonObject[]) ?? [])] }
}

function convert(keyword: string, value: unknown, referenceOf: ReferenceOf): unknown {
  if (Array.isArray(value)) {
    if (!schemaLists.has(keyword)) return value
    return value.map((item) => toOpenApi(item as Schema, referenceOf))
  }
  if (typeof value !== "object" || value === null) return value
  if (oneSchema.has(keyword)) return toOpenApi(value, referenceOf)
  if (!schemaMaps.has(keyword)) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, toOpenApi(member as Schema, referenceOf)]),
  )
}

/** The extension by which clients find the schema of a kind. */
export const groupVersionKindExtension = "x-kubernetes-group-version-kind"

export interface OpenApiKind {
  readonly group: string
  readonly version: string
  readonly kind: string
  /** Name of the definition of `metadata`. */
  readonly metadata: string
}

/**
 * The component of a whole kind: what every object has is added to what the schema lists, and the
 * kind is named, so that `kubectl explain` and `kubectl apply` find it.
 */
export function kindToOpenApi(
  schema: Schema,
  { group, version, kind, metadata }: OpenApiKind,
  referenceOf: ReferenceOf,
): OpenApiSchema {
  const component = toOpenApi(schema, referenceOf)
  return {
    ...component,
    properties: {
      ...(component["properties"] as JsonObject | undefined),
      apiVersion: { type: "string", description: "Group and version of the object's kind." },
      kind: { type: "string", description: "The kind of the object." },
      metadata: { description: "What every object has.", allOf: [{ $ref: referenceOf(metadata) }] },
    },
    [groupVersionKindExtension]: [{ group, kind, version }],
  }
}
