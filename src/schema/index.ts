export {
  type Fields,
  type FieldsType,
  type IntOrString,
  type ListOptions,
  type MapOptions,
  type NumberOptions,
  type ObjectOptions,
  type OptionalField,
  s,
  type StringOptions,
  type Typed,
  type TypeOf,
} from "./builder.ts"
export {
  ageOf,
  type Column,
  type ColumnDefinition,
  columnDefinition,
  compileColumns,
  type RowRenderer,
  validateColumn,
} from "./columns.ts"
export { isCidr } from "./address-format.ts"
export { formatAge } from "./duration-text.ts"
export { compileJsonPath, fieldNamesOf, type JsonPath } from "./json-path.ts"
export { JsonPathError } from "./json-path-parser.ts"
export { schemaDefinitions } from "./json-schema-props.ts"
export { validateStructural } from "./structural.ts"
export { type CompiledSchema, type CompileOptions, compileSchema } from "./compile.ts"
export {
  duplicateError,
  type FieldError,
  fieldErrorMessage,
  type FieldErrorReason,
  forbiddenError,
  formatFieldError,
  invalidError,
  notSupportedError,
  quote,
  requiredError,
  sortFieldErrors,
  tooLongError,
  tooManyError,
} from "./field-error.ts"
export {
  groupVersionKindExtension,
  kindToOpenApi,
  type OpenApiKind,
  type OpenApiSchema,
  type ReferenceOf,
  toOpenApi,
} from "./openapi.ts"
export { exceedsNesting, maxNesting } from "./nesting.ts"
export { compilePattern, type Pattern } from "./pattern.ts"
export { type Pruned, unknownFieldMessage } from "./prune.ts"
export {
  type Definitions,
  type ExternalDocs,
  type ListType,
  type MapType,
  refName,
  refTo,
  resolveRef,
  type Schema,
  SchemaError,
  type SchemaMap,
  type SchemaType,
  type ValidationRule,
} from "./schema.ts"
