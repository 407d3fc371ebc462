export { type Fields, s, type TypeOf } from "./builder.ts"
export { compileColumns, validateColumn } from "./columns.ts"
export { isCidr } from "./address-format.ts"
export { compileJsonPath, fieldNamesOf } from "./json-path.ts"
export { validateStructural } from "./structural.ts"
export { type CompiledSchema, compileSchema } from "./compile.ts"
export {
  duplicateError,
  type FieldError,
  fieldErrorMessage,
  forbiddenError,
  formatFieldError,
  invalidError,
  notSupportedError,
  requiredError,
  tooLongError,
  tooManyError,
} from "./field-error.ts"
export { exceedsNesting } from "./nesting.ts"
export {
  type Definitions,
  refName,
  refTo,
  resolveRef,
  type Schema,
  type SchemaMap,
  type ValidationRule,
} from "./schema.ts"
