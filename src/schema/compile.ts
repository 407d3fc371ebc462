import { applyDefaults } from "./defaults.ts"
import type { FieldError } from "./field-error.ts"
import { SchemaTree } from "./node.ts"
import { type Pruned, pruneValue } from "./prune.ts"
import type { Definitions, Schema } from "./schema.ts"
import { ValidatePass } from "./validate.ts"

/**
 * A schema made ready to use. Values are never changed: each function returns the very value it got
 * when there was nothing to do, and a copy that shares what did not change otherwise.
 */
export interface CompiledSchema {
  /** Drops fields that the schema does not know. */
  prune<T>(value: T): Pruned<T>
  /** Fills in defaults; drops or replaces nulls that the schema does not allow for. */
  applyDefaults<T>(value: T): T
  /**
   * What is wrong with the value, sorted by field. With the old value, parts that did not change
   * are not judged again. `path` says where the value stands, for values inside an object.
   */
  validate(value: unknown, old?: unknown, path?: string): readonly FieldError[]
}

export interface CompileOptions {
  /**
   * Whether the schema describes a whole object, whose `apiVersion`, `kind` and `metadata` are kept
   * even when it does not list them. True unless said otherwise.
   */
  readonly resource?: boolean | undefined
}

/**
 * Prepares a schema. Nothing is compiled before it is needed; throws `SchemaError` when a part that
 * is needed has a reference to nothing or a pattern that is none.
 */
export function compileSchema(
  schema: Schema,
  definitions: Definitions = {},
  options: CompileOptions = {},
): CompiledSchema {
  const { resource = true } = options
  const root = new SchemaTree(definitions).nodeOf(schema)
  const validating = new ValidatePass(root, resource)
  return {
    prune: (value) => pruneValue(root, value, resource),
    applyDefaults: (value) => applyDefaults(root, value),
    validate: (value, old, path = "") => validating.run(value, old, path),
  }
}
