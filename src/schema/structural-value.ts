import { deepEqual, messageOf } from "#base"
import { type FieldError, forbiddenError, invalidError, requiredError } from "./field-error.ts"
import { compilePattern } from "./pattern.ts"
import type { Schema } from "./schema.ts"
import { branchPath, propertyPath } from "./structural-path.ts"

const junctors = ["anyOf", "allOf", "oneOf"] as const

interface Branch {
  readonly schema: Schema
  readonly path: string
  /** The branch, or its first `anyOf`, is the one way in which types may be repeated. */
  readonly intOrString: boolean
}

const intOrString: readonly Schema[] = [{ type: "integer" }, { type: "string" }]

/** What is wrong with the value rules of a place: patterns, and what stands in its branches. */
export function valueErrors(schema: Schema, path: string): readonly FieldError[] {
  const errors: FieldError[] = [...patternErrors(schema, path)]
  for (const branch of branchesOf(schema, path)) {
    if (!branch.intOrString) errors.push(...branchErrors(branch.schema, branch.path))
    else if (branch.schema.anyOf)
      errors.push(...branchErrors({ ...branch.schema, anyOf: [] }, branch.path))
  }
  return errors
}

function branchesOf(schema: Schema, path: string): readonly Branch[] {
  const branches: Branch[] = []
  const anyOfIsTypes = deepEqual(schema.anyOf, intOrString)
  for (const keyword of junctors) {
    for (const [index, nested] of (schema[keyword] ?? []).entries()) {
      const allOfIsTypes =
        keyword === "allOf" && index === 0 && deepEqual(nested.anyOf, intOrString)
      branches.push({
        schema: nested,
        path: branchPath(path, keyword, index),
        intOrString: (keyword === "anyOf" && anyOfIsTypes) || allOfIsTypes,
      })
    }
  }
  if (schema.not) branches.push({ schema: schema.not, path: `${path}.not`, intOrString: false })
  return branches
}

function patternErrors({ pattern }: Schema, path: string): readonly FieldError[] {
  if (pattern === undefined || pattern === "") return []
  try {
    compilePattern(pattern)
    return []
  } catch (error) {
    const detail = `must be a valid regular expression, but isn't: ${messageOf(error)}`
    return [invalidError(`${path}.pattern`, pattern, detail)]
  }
}

const forbiddenInBranch = {
  type: "must be empty to be structural",
  additionalProperties: "must be undefined to be structural",
  default: "must be undefined to be structural",
  title: "must be empty to be structural",
  description: "must be empty to be structural",
  nullable: "must be false to be structural",
  "x-kubernetes-preserve-unknown-fields": "must be false to be structural",
  "x-kubernetes-embedded-resource": "must be false to be structural",
  "x-kubernetes-int-or-string": "must be false to be structural",
  "x-kubernetes-list-map-keys": "must be empty to be structural",
  "x-kubernetes-list-type": "must be undefined to be structural",
  "x-kubernetes-map-type": "must be undefined to be structural",
  "x-kubernetes-validations": "must be empty to be structural",
} as const satisfies Partial<Record<keyof Schema, string>>

/** A branch only restricts values: what a place is, is said outside. */
function branchErrors(schema: Schema, path: string): readonly FieldError[] {
  const errors: FieldError[] = [...valueErrors(schema, path)]
  for (const [keyword, detail] of Object.entries(forbiddenInBranch)) {
    const value = schema[keyword as keyof typeof forbiddenInBranch]
    if (!isUnset(value)) errors.push(forbiddenError(`${path}.${keyword}`, detail))
  }
  const { items, properties = {} } = schema
  if (items && !Array.isArray(items)) errors.push(...branchErrors(items as Schema, `${path}.items`))
  for (const [name, property] of Object.entries(properties)) {
    errors.push(...branchErrors(property, propertyPath(path, name)))
  }
  if (Object.hasOwn(properties, "metadata")) {
    const detail = "must not be specified in a nested context"
    errors.push(forbiddenError(propertyPath(path, "metadata"), detail))
  }
  return errors
}

function isUnset(value: unknown): boolean {
  if (value === undefined || value === null || value === "" || value === false) return true
  return Array.isArray(value) && value.length === 0
}

/** Where the branches of a schema and the place they speak of are. */
interface Pair {
  readonly branch: Schema
  readonly branchPath: string
  readonly place: Schema | undefined
  readonly placePath: string
}

/** What branches speak of must be described outside of them. */
export function completenessErrors(schema: Schema, path: string): readonly FieldError[] {
  return branchesOf(schema, path).flatMap((branch) =>
    pairErrors({
      branch: branch.schema,
      branchPath: branch.path,
      place: schema,
      placePath: path,
    }),
  )
}

function pairErrors({ branch, branchPath: at, place, placePath }: Pair): readonly FieldError[] {
  if (!place) return [requiredError(placePath, `because it is defined in ${at}`)]
  const errors: FieldError[] = branchesOf(branch, at).flatMap((nested) =>
    pairErrors({ branch: nested.schema, branchPath: nested.path, place, placePath }),
  )
  if (branch.items && !Array.isArray(branch.items)) {
    const items = Array.isArray(place.items) ? undefined : (place.items as Schema | undefined)
    errors.push(
      ...pairErrors({
        branch: branch.items as Schema,
        branchPath: `${at}.items`,
        place: items,
        placePath: `${placePath}.items`,
      }),
    )
  }
  const known = place.properties ?? {}
  for (const [name, property] of Object.entries(branch.properties ?? {})) {
    errors.push(
      ...pairErrors({
        branch: property,
        branchPath: propertyPath(at, name),
        place: Object.hasOwn(known, name) ? known[name] : undefined,
        placePath: propertyPath(placePath, name),
      }),
    )
  }
  return errors
}
