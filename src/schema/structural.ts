import { compileSchema, type CompiledSchema } from "./compile.ts"
import {
  type FieldError,
  forbiddenError,
  invalidError,
  requiredError,
  sortFieldErrors,
} from "./field-error.ts"
import { schemaDefinitions } from "./json-schema-props.ts"
import { exceedsNesting, maxNesting } from "./nesting.ts"
import { refTo, type Schema } from "./schema.ts"
import { defaultErrors } from "./structural-default.ts"
import { keywordErrors } from "./structural-keyword.ts"
import { completenessErrors, valueErrors } from "./structural-value.ts"
import { propertyPath } from "./structural-path.ts"

type Level = "root" | "item" | "field"

let schemaOfSchemas: CompiledSchema | undefined

/**
 * What keeps a user's schema from being served: it must be structural (every place has one type,
 * outside `allOf`, `anyOf`, `oneOf` and `not`), its lists must say how they merge in a way that can
 * work, its patterns must compile, its defaults must be valid. `path` is where the schema stands.
 * CEL rules are checked for their form, not compiled.
 */
export function validateStructural(schema: Schema, path: string): readonly FieldError[] {
  if (exceedsNesting(schema)) {
    return [forbiddenError(path, `must not nest deeper than ${maxNesting} levels`)]
  }
  schemaOfSchemas ??= compileSchema({ $ref: refTo("JSONSchemaProps") }, schemaDefinitions, {
    resource: false,
  })
  const malformed = schemaOfSchemas.validate(schema, undefined, path)
  if (malformed.length > 0) return malformed
  const structural = [...placeErrors(schema, "root", path), ...completenessErrors(schema, path)]
  const errors = [
    ...structural,
    ...(structural.length === 0 ? defaultErrors(schema, path) : []),
    ...keywordErrors(schema, path),
  ]
  if (schema.nullable) {
    errors.push(forbiddenError(`${path}.nullable`, "nullable cannot be true at the root"))
  }
  return sortFieldErrors(errors)
}

/** The rules of one place and of all places below it. */
function placeErrors(schema: Schema, level: Level, path: string): readonly FieldError[] {
  const { items, properties = {}, additionalProperties } = schema
  const errors: FieldError[] = [...typeErrors(schema, level, path)]
  if (schema.type === "array" && items === undefined) {
    errors.push(requiredError(`${path}.items`, "must be specified"))
  }
  if (isSchema(items)) errors.push(...placeErrors(items, "item", `${path}.items`))
  for (const [name, property] of Object.entries(properties)) {
    errors.push(...placeErrors(property, "field", propertyPath(path, name)))
  }
  if (additionalProperties !== undefined && level === "root") {
    errors.push(forbiddenError(`${path}.additionalProperties`, "must not be used at the root"))
  }
  if (isSchema(additionalProperties)) {
    errors.push(...placeErrors(additionalProperties, "field", `${path}.additionalProperties`))
  }
  errors.push(...extensionErrors(schema, path), ...valueErrors(schema, path))
  errors.push(...resourceErrors(schema, level === "root", path))
  return errors
}

const missingType: Readonly<Record<Level, string>> = {
  root: "must not be empty at the root",
  item: "must not be empty for specified array items",
  field: "must not be empty for specified object fields",
}

function typeErrors(schema: Schema, level: Level, path: string): readonly FieldError[] {
  const at = `${path}.type`
  const { type } = schema
  if (schema["x-kubernetes-embedded-resource"] && type !== "object") {
    const detail = "must be object if x-kubernetes-embedded-resource is true"
    return [type === undefined ? requiredError(at, detail) : invalidError(at, type, detail)]
  }
  if (type === undefined) {
    const needsNone =
      schema["x-kubernetes-int-or-string"] || schema["x-kubernetes-preserve-unknown-fields"]
    return needsNone ? [] : [requiredError(at, missingType[level])]
  }
  if (level === "root" && type !== "object") {
    return [invalidError(at, type, "must be object at the root")]
  }
  return []
}

function extensionErrors(schema: Schema, path: string): readonly FieldError[] {
  if (!schema["x-kubernetes-int-or-string"]) return []
  const detail = "must be false if x-kubernetes-int-or-string is true"
  return (["x-kubernetes-preserve-unknown-fields", "x-kubernetes-embedded-resource"] as const)
    .filter((name) => schema[name])
    .map((name) => invalidError(`${path}.${name}`, true, detail))
}

/** The rules of what a Kubernetes object always has: `apiVersion`, `kind` and `metadata`. */
function resourceErrors(schema: Schema, isRoot: boolean, path: string): readonly FieldError[] {
  const isEmbedded = schema["x-kubernetes-embedded-resource"] === true
  if (!isRoot && !isEmbedded) return []
  const { properties = {}, additionalProperties } = schema
  const errors: FieldError[] = []
  if (isEmbedded && additionalProperties !== undefined) {
    const detail = "must not be used if x-kubernetes-embedded-resource is set"
    errors.push(forbiddenError(`${path}.additionalProperties`, detail))
  }
  const wanted = { apiVersion: "string", kind: "string", metadata: "object" }
  for (const [name, type] of Object.entries(wanted)) {
    const property = Object.hasOwn(properties, name) ? properties[name] : undefined
    if (property && property.type !== type) {
      const at = `${propertyPath(path, name)}.type`
      errors.push(invalidError(at, property.type ?? "", `must be ${type}`))
    }
  }
  const { metadata } = properties
  if (isRoot && metadata && !namesOnly(metadata)) {
    const detail =
      "must not specify anything other than name and generateName, but metadata is implicitly specified"
    errors.push(forbiddenError(propertyPath(path, "metadata"), detail))
  }
  const keepsUnknown = schema["x-kubernetes-preserve-unknown-fields"]
  if (isEmbedded && !keepsUnknown && Object.keys(properties).length === 0) {
    const detail =
      "must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields"
    errors.push(requiredError(`${path}.properties`, detail))
  }
  return errors
}

function namesOnly(metadata: Schema): boolean {
  const allowed = new Set(["type", "properties", "default"])
  return (
    Object.keys(metadata).every((keyword) => allowed.has(keyword)) &&
    Object.keys(metadata.properties ?? {}).every(
      (name) => name === "name" || name === "generateName",
    )
  )
}

function isSchema(value: Schema | readonly Schema[] | boolean | undefined): value is Schema {
  return typeof value === "object" && !Array.isArray(value)
}
