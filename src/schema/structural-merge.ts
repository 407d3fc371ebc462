import {
  type FieldError,
  forbiddenError,
  invalidError,
  notSupportedError,
  requiredError,
} from "./field-error.ts"
import type { Schema } from "./schema.ts"
import { propertyPath } from "./structural-path.ts"

/** What is wrong with how a list or an object says that it merges. */
export function mergeErrors(schema: Schema, path: string): readonly FieldError[] {
  return [...mapTypeErrors(schema, path), ...listTypeErrors(schema, path)]
}

function mapTypeErrors(schema: Schema, path: string): readonly FieldError[] {
  const mapType = schema["x-kubernetes-map-type"] as string | undefined
  if (mapType === undefined) return []
  const errors = typeMismatch(schema, path, { wanted: "object", keyword: "x-kubernetes-map-type" })
  if (mapType !== "atomic" && mapType !== "granular") {
    const at = `${path}.x-kubernetes-map-type`
    errors.push(notSupportedError(at, mapType, ["atomic", "granular"]))
  }
  return errors
}

function listTypeErrors(schema: Schema, path: string): readonly FieldError[] {
  const listType = schema["x-kubernetes-list-type"] as string | undefined
  const keys = schema["x-kubernetes-list-map-keys"] ?? []
  const at = `${path}.x-kubernetes-list-type`
  const errors: FieldError[] = []
  if (keys.length > 0 && listType !== "map") {
    const detail = "must be map if x-kubernetes-list-map-keys is non-empty"
    errors.push(
      listType === undefined ? requiredError(at, detail) : invalidError(at, listType, detail),
    )
  }
  if (listType === undefined) return errors
  errors.push(...typeMismatch(schema, path, { wanted: "array", keyword: "x-kubernetes-list-type" }))
  if (listType !== "atomic" && listType !== "set" && listType !== "map") {
    errors.push(notSupportedError(at, listType, ["atomic", "set", "map"]))
  }
  const items = itemsOf(schema)
  if (listType === "set" && items) errors.push(...setErrors(items, path))
  if (listType === "map") errors.push(...mapErrors(schema, path))
  if ((listType === "set" || listType === "map") && items?.nullable) {
    const detail = `cannot be nullable when x-kubernetes-list-type is ${listType}`
    errors.push(forbiddenError(`${path}.items.nullable`, detail))
  }
  return errors
}

function typeMismatch(
  schema: Schema,
  path: string,
  { wanted, keyword }: { readonly wanted: string; readonly keyword: string },
): FieldError[] {
  if (schema.type === wanted) return []
  const at = `${path}.type`
  const detail = `must be ${wanted} if ${keyword} is specified`
  if (schema.type === undefined) return [requiredError(at, detail)]
  return [invalidError(at, schema.type, detail)]
}

/** Items of a set are compared as a whole, so they must be replaced as a whole. */
function setErrors(items: Schema, path: string): readonly FieldError[] {
  const detail = "must be atomic as item of a list with x-kubernetes-list-type=set"
  const listType = items["x-kubernetes-list-type"] ?? "atomic"
  if (items.type === "array" && listType !== "atomic") {
    return [invalidError(`${path}.items.x-kubernetes-list-type`, listType, detail)]
  }
  const mapType = items["x-kubernetes-map-type"]
  if (items.type === "object" && mapType !== "atomic") {
    return [invalidError(`${path}.items.x-kubernetes-map-type`, mapType ?? null, detail)]
  }
  return []
}

function mapErrors(schema: Schema, path: string): readonly FieldError[] {
  const keys = schema["x-kubernetes-list-map-keys"] ?? []
  const errors: FieldError[] = []
  if (keys.length === 0) {
    const detail = "must not be empty if x-kubernetes-list-type is map"
    errors.push(requiredError(`${path}.x-kubernetes-list-map-keys`, detail))
  }
  if (schema.items === undefined) {
    const detail = "must have a schema if x-kubernetes-list-type is map"
    return [...errors, requiredError(`${path}.items`, detail)]
  }
  const items = itemsOf(schema)
  if (!items) {
    const detail = "must only have a single schema if x-kubernetes-list-type is map"
    return [...errors, invalidError(`${path}.items`, schema.items, detail)]
  }
  if (items.type !== "object") {
    const detail = "must be object if parent array's x-kubernetes-list-type is map"
    return [...errors, invalidError(`${path}.items.type`, items.type ?? "", detail)]
  }
  return [...errors, ...keys.flatMap((_, index) => keyErrors(keys, index, { items, path }))]
}

/** The key at `index`: a scalar field of the items that is always there and never null. */
function keyErrors(
  keys: readonly string[],
  index: number,
  { items, path }: { readonly items: Schema; readonly path: string },
): readonly FieldError[] {
  const key = keys[index] ?? ""
  const at = `${path}.x-kubernetes-list-map-keys`
  const errors: FieldError[] = []
  if (keys.indexOf(key) < index) {
    errors.push(invalidError(at, keys, "must not contain duplicate entries"))
  }
  const property = Object.hasOwn(items.properties ?? {}, key) ? items.properties?.[key] : undefined
  if (!property) {
    return [...errors, invalidError(at, keys, "entries must all be names of item properties")]
  }
  const place = propertyPath(`${path}.items`, key)
  if (property.type === "array" || property.type === "object") {
    const detail = "must be a scalar type if parent array's x-kubernetes-list-type is map"
    errors.push(invalidError(`${place}.type`, property.type, detail))
  }
  const hasDefault = property.default !== undefined && property.default !== null
  if (!hasDefault && !items.required?.includes(key)) {
    const detail =
      "this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property"
    errors.push(requiredError(`${place}.default`, detail))
  }
  if (property.nullable) {
    const detail = "this property is in x-kubernetes-list-map-keys, so it cannot be nullable"
    errors.push(forbiddenError(`${place}.nullable`, detail))
  }
  return errors
}

function itemsOf({ items }: Schema): Schema | undefined {
  return items === undefined || Array.isArray(items) ? undefined : (items as Schema)
}
