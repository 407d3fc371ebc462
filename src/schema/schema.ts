import type { JsonValue } from "#base"

/** The primitive kinds of JSON that a schema can ask for. */
export type SchemaType = "object" | "array" | "string" | "integer" | "number" | "boolean"

/**
 * How a list merges: replaced whole, as a set of scalars, or by the values of
 * `x-kubernetes-list-map-keys`.
 */
export type ListType = "atomic" | "set" | "map"

/** How an object merges: replaced whole, or field by field. */
export type MapType = "atomic" | "granular"

/** One CEL rule, as CustomResourceDefinitions carry it. */
export interface ValidationRule {
  readonly rule: string
  readonly message?: string | undefined
  readonly messageExpression?: string | undefined
  readonly reason?: string | undefined
  readonly fieldPath?: string | undefined
  readonly optionalOldSelf?: boolean | undefined
}

export interface ExternalDocs {
  readonly description?: string | undefined
  readonly url?: string | undefined
}

/**
 * A JSON schema as CustomResourceDefinitions write it (JSONSchemaProps of apiextensions v1), plus
 * `$ref` of the form `#/definitions/NAME` and the patch keys of Kubernetes' own types. It is plain
 * JSON: what is compiled, what is served as OpenAPI and what stands in a CRD are the same value.
 */
export interface Schema {
  readonly $ref?: string | undefined
  readonly $schema?: string | undefined
  readonly id?: string | undefined
  readonly title?: string | undefined
  readonly description?: string | undefined
  readonly type?: SchemaType | undefined
  readonly format?: string | undefined
  readonly nullable?: boolean | undefined
  readonly default?: JsonValue | undefined
  readonly example?: JsonValue | undefined
  readonly externalDocs?: ExternalDocs | undefined
  readonly enum?: readonly JsonValue[] | undefined

  readonly properties?: SchemaMap | undefined
  readonly additionalProperties?: Schema | boolean | undefined
  readonly patternProperties?: SchemaMap | undefined
  readonly required?: readonly string[] | undefined
  readonly minProperties?: number | undefined
  readonly maxProperties?: number | undefined

  readonly items?: Schema | readonly Schema[] | undefined
  readonly additionalItems?: Schema | boolean | undefined
  readonly minItems?: number | undefined
  readonly maxItems?: number | undefined
  readonly uniqueItems?: boolean | undefined

  readonly minLength?: number | undefined
  readonly maxLength?: number | undefined
  readonly pattern?: string | undefined

  readonly minimum?: number | undefined
  readonly maximum?: number | undefined
  readonly exclusiveMinimum?: boolean | undefined
  readonly exclusiveMaximum?: boolean | undefined
  readonly multipleOf?: number | undefined

  readonly allOf?: readonly Schema[] | undefined
  readonly anyOf?: readonly Schema[] | undefined
  readonly oneOf?: readonly Schema[] | undefined
  readonly not?: Schema | undefined

  readonly definitions?: SchemaMap | undefined
  readonly dependencies?: Readonly<Record<string, Schema | readonly string[]>> | undefined

  readonly "x-kubernetes-preserve-unknown-fields"?: boolean | undefined
  readonly "x-kubernetes-embedded-resource"?: boolean | undefined
  readonly "x-kubernetes-int-or-string"?: boolean | undefined
  readonly "x-kubernetes-list-type"?: ListType | undefined
  readonly "x-kubernetes-list-map-keys"?: readonly string[] | undefined
  readonly "x-kubernetes-map-type"?: MapType | undefined
  readonly "x-kubernetes-validations"?: readonly ValidationRule[] | undefined
  readonly "x-kubernetes-patch-strategy"?: string | undefined
  readonly "x-kubernetes-patch-merge-key"?: string | undefined
}

export interface SchemaMap {
  readonly [name: string]: Schema
}

/**
 * Schemas by name, for `$ref: "#/definitions/NAME"`; they may refer to each other and to
 * themselves.
 */
export type Definitions = SchemaMap

const refPrefix = "#/definitions/"

/** The `$ref` text for a definition. */
export function refTo(name: string): string {
  return refPrefix + name
}

/** The definition a `$ref` names; undefined when the text has another form. */
export function refName(ref: string): string | undefined {
  return ref.startsWith(refPrefix) ? ref.slice(refPrefix.length) : undefined
}

/**
 * The schema itself, or the definition it refers to; a chain of references is followed to its end.
 */
export function resolveRef(schema: Schema, definitions: Definitions): Schema {
  let current = schema
  const seen = new Set<string>()
  while (current.$ref !== undefined) {
    const name = refName(current.$ref)
    const next = name !== undefined && Object.hasOwn(definitions, name) ? definitions[name] : null
    if (!next || seen.has(current.$ref)) {
      throw new SchemaError(`resolve schema: no definition for "${current.$ref}"`)
    }
    seen.add(current.$ref)
    current = next
  }
  return current
}

/** A schema that cannot be used: an unknown reference or a pattern that does not compile. */
export class SchemaError extends Error {
  override readonly name = "SchemaError"
}
