import { type FieldError, forbiddenError, invalidError, notSupportedError } from "./field-error.ts"
import type { Schema } from "./schema.ts"
import { mergeErrors } from "./structural-merge.ts"
import { branchPath, propertyPath } from "./structural-path.ts"
import { ruleErrors } from "./structural-rule.ts"

/** What surrounds a schema, as far as it decides what may stand in it. */
interface Surroundings {
  readonly isRoot: boolean
  readonly insideMetadata: boolean
  /** Why defaults are forbidden here; undefined when they are not. */
  readonly noDefaults: string | undefined
}

const types = ["array", "boolean", "integer", "number", "object", "string"]
const objectFields: ReadonlySet<string> = new Set(["apiVersion", "kind", "metadata"])

/** What is wrong with the keywords of a schema and of all schemas in it, wherever they stand. */
export function keywordErrors(schema: Schema, path: string): readonly FieldError[] {
  return errorsOf(schema, path, { isRoot: true, insideMetadata: false, noDefaults: undefined })
}

function errorsOf(schema: Schema, path: string, around: Surroundings): readonly FieldError[] {
  const errors: FieldError[] = [
    ...ownErrors(schema, path, around),
    ...mergeErrors(schema, path),
    ...ruleErrors(schema, path),
  ]
  const inside: Surroundings = { ...around, isRoot: false }
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    const next = aroundProperty(schema, name, around)
    errors.push(...errorsOf(property, propertyPath(path, name), next))
  }
  const { additionalProperties, items, not } = schema
  if (isSchema(additionalProperties)) {
    const noDefaults = around.insideMetadata
      ? "inside additionalProperties applying to object metadata"
      : around.noDefaults
    errors.push(
      ...errorsOf(additionalProperties, `${path}.additionalProperties`, { ...inside, noDefaults }),
    )
  }
  if (isSchema(items)) errors.push(...errorsOf(items, `${path}.items`, inside))
  if (not) errors.push(...errorsOf(not, `${path}.not`, inside))
  for (const keyword of ["allOf", "anyOf", "oneOf"] as const) {
    for (const [index, branch] of (schema[keyword] ?? []).entries()) {
      errors.push(...errorsOf(branch, branchPath(path, keyword, index), inside))
    }
  }
  return errors
}

function aroundProperty(schema: Schema, name: string, around: Surroundings): Surroundings {
  const isResource = around.isRoot || schema["x-kubernetes-embedded-resource"] === true
  if (!isResource || !objectFields.has(name)) return { ...around, isRoot: false }
  return {
    isRoot: false,
    insideMetadata: true,
    noDefaults: around.isRoot ? `in top-level ${name}` : around.noDefaults,
  }
}

const unsupported = ["id", "additionalItems", "definitions", "dependencies", "$ref"] as const

function ownErrors(schema: Schema, path: string, around: Surroundings): readonly FieldError[] {
  const errors: FieldError[] = typeErrors(schema, path)
  const forbid = (keyword: string, detail: string): void => {
    errors.push(forbiddenError(`${path}.${keyword}`, detail))
  }
  for (const keyword of unsupported) {
    if (schema[keyword] !== undefined) forbid(keyword, `${keyword} is not supported`)
  }
  if (Object.keys(schema.patternProperties ?? {}).length > 0) {
    forbid("patternProperties", "patternProperties is not supported")
  }
  if (Array.isArray(schema.items) && schema.items.length > 0) {
    forbid("items", "items must be a schema object and not an array")
  }
  if (schema.default !== undefined && schema.default !== null && around.noDefaults !== undefined) {
    forbid("default", `must not be set ${around.noDefaults}`)
  }
  if (around.insideMetadata && schema["x-kubernetes-embedded-resource"]) {
    forbid("x-kubernetes-embedded-resource", "must not be used inside of resource meta")
  }
  if (schema.uniqueItems) {
    forbid(
      "uniqueItems",
      "uniqueItems cannot be set to true since the runtime complexity becomes quadratic",
    )
  }
  if (!isSchema(schema.items) && schema.items !== undefined && !Array.isArray(schema.items)) {
    errors.push(invalidError(`${path}.items`, schema.items, "must be a schema"))
  }
  const additional: unknown = schema.additionalProperties
  if (
    !["undefined", "boolean", "object"].includes(typeof additional) ||
    Array.isArray(additional)
  ) {
    const at = `${path}.additionalProperties`
    errors.push(invalidError(at, additional, "must be a schema or a boolean"))
  }
  const hasProperties = Object.keys(schema.properties ?? {}).length > 0
  if (hasProperties && isSchema(schema.additionalProperties)) {
    forbid("additionalProperties", "additionalProperties and properties are mutual exclusive")
  }
  if (hasProperties && schema.additionalProperties === false) {
    forbid("additionalProperties", "additionalProperties and properties are mutual exclusive")
  }
  if (schema["x-kubernetes-preserve-unknown-fields"] === false) {
    const at = `${path}.x-kubernetes-preserve-unknown-fields`
    errors.push(invalidError(at, false, "must be true or undefined"))
  }
  return errors
}

function typeErrors(schema: Schema, path: string): FieldError[] {
  const type = schema.type as string | undefined
  if (type === undefined || type === "" || types.includes(type)) return []
  const errors = [notSupportedError(`${path}.type`, type, types)]
  if (type === "null") {
    const detail = "type cannot be set to null, use nullable as an alternative"
    errors.push(forbiddenError(`${path}.type`, detail))
  }
  return errors
}

function isSchema(value: Schema | readonly Schema[] | boolean | undefined): value is Schema {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}
