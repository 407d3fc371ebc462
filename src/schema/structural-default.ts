import { compileSchema } from "./compile.ts"
import { type FieldError, invalidError } from "./field-error.ts"
import type { Schema } from "./schema.ts"
import { propertyPath } from "./structural-path.ts"

const objectFields: ReadonlySet<string> = new Set(["apiVersion", "kind", "metadata"])

/** What is wrong with the defaults of a structural schema: each must be valid where it stands. */
export function defaultErrors(schema: Schema, path: string): readonly FieldError[] {
  return errorsOf(schema, path, { isResource: true, insideMetadata: false })
}

function errorsOf(
  schema: Schema,
  path: string,
  around: { readonly isResource: boolean; readonly insideMetadata: boolean },
): readonly FieldError[] {
  const isEmbedded = schema["x-kubernetes-embedded-resource"] === true
  const insideMetadata = around.insideMetadata && !isEmbedded
  const errors: FieldError[] = [...ownErrors(schema, `${path}.default`, insideMetadata)]
  if (schema.items && !Array.isArray(schema.items)) {
    const inside = { isResource: false, insideMetadata }
    errors.push(...errorsOf(schema.items as Schema, `${path}.items`, inside))
  }
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    const entersMetadata = (around.isResource || isEmbedded) && objectFields.has(name)
    const inside = { isResource: false, insideMetadata: insideMetadata || entersMetadata }
    errors.push(...errorsOf(property, propertyPath(path, name), inside))
  }
  return errors
}

function ownErrors(schema: Schema, path: string, insideMetadata: boolean): readonly FieldError[] {
  const value = schema.default
  if (value === undefined || value === null) return []
  const compiled = compileSchema(schema, {}, { resource: false })
  const errors: FieldError[] = []
  if (!insideMetadata && compiled.prune(value).pruned.length > 0) {
    errors.push(invalidError(path, value, "must not have unknown fields"))
  }
  return [...errors, ...compiled.validate(value, undefined, path)]
}
