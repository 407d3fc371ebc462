import { assert, type JsonValue } from "#base"
import { refTo, type ListType, type MapType, type Schema, type ValidationRule } from "./schema.ts"

declare const typeTag: unique symbol

/**
 * A schema that knows the TypeScript type of the values it accepts; at run time just the schema.
 */
export interface Typed<T> extends Schema {
  readonly [typeTag]?: T | undefined
}

/** An object field that may be absent. */
export interface OptionalField<T> {
  readonly optional: Typed<T>
}

/** The fields of an object, in the order in which they are documented. */
export interface Fields {
  readonly [name: string]: Typed<unknown> | OptionalField<unknown>
}

/** The type of the values that a schema (or an optional field) accepts, deeply read-only. */
export type TypeOf<S> = S extends OptionalField<infer T> ? T : S extends Typed<infer T> ? T : never

type OptionalKeys<F> = { [K in keyof F]: F[K] extends OptionalField<unknown> ? K : never }[keyof F]

/** The object type of a field list: optional fields become `name?: T | undefined`. */
export type FieldsType<F extends Fields> = {
  readonly [K in Exclude<keyof F, OptionalKeys<F>>]: TypeOf<F[K]>
} & {
  readonly [K in OptionalKeys<F>]?: TypeOf<F[K]> | undefined
} extends infer O
  ? { readonly [K in keyof O]: O[K] }
  : never

/** Integer or string, as `intstr.IntOrString` travels. */
export type IntOrString = number | string

interface CommonOptions {
  readonly title?: string | undefined
  readonly nullable?: boolean | undefined
  /** CEL rules that the CRD carries. */
  readonly rules?: readonly ValidationRule[] | undefined
}

export interface ObjectOptions extends CommonOptions {
  readonly minProperties?: number | undefined
  readonly maxProperties?: number | undefined
  /** Server-side apply replaces the object as a whole. */
  readonly atomic?: boolean | undefined
  /** Fields that are not listed are kept. */
  readonly preserveUnknown?: boolean | undefined
  /** The object is a Kubernetes object of its own, with `apiVersion`, `kind` and `metadata`. */
  readonly embedded?: boolean | undefined
}

export interface StringOptions extends CommonOptions {
  readonly minLength?: number | undefined
  readonly maxLength?: number | undefined
  readonly pattern?: string | undefined
  readonly format?: string | undefined
}

export interface NumberOptions extends CommonOptions {
  readonly minimum?: number | undefined
  readonly maximum?: number | undefined
  readonly exclusiveMinimum?: boolean | undefined
  readonly exclusiveMaximum?: boolean | undefined
  readonly multipleOf?: number | undefined
}

export interface ListOptions extends CommonOptions {
  readonly minItems?: number | undefined
  readonly maxItems?: number | undefined
  /** Fields that identify an item: the list merges by them. */
  readonly key?: readonly string[] | undefined
  /** Items are scalars, each at most once. */
  readonly set?: boolean | undefined
  /** How strategic merge patch treats the list; Kubernetes' own types only. */
  readonly patchStrategy?: string | undefined
  readonly patchMergeKey?: string | undefined
}

export interface MapOptions extends CommonOptions {
  readonly minProperties?: number | undefined
  readonly maxProperties?: number | undefined
  readonly atomic?: boolean | undefined
}

function common(options: CommonOptions): Schema {
  return withoutUndefined({
    title: options.title,
    nullable: options.nullable,
    "x-kubernetes-validations": options.rules,
  })
}

function withoutUndefined(schema: Schema): Schema {
  return Object.fromEntries(Object.entries(schema).filter(([, value]) => value !== undefined))
}

function isOptional(
  field: Typed<unknown> | OptionalField<unknown>,
): field is OptionalField<unknown> {
  return "optional" in field
}

function object<const F extends Fields>(
  description: string,
  fields: F,
  options: ObjectOptions = {},
): Typed<FieldsType<F>> {
  const properties: Record<string, Schema> = {}
  const required: string[] = []
  for (const [name, field] of Object.entries<Typed<unknown> | OptionalField<unknown>>(fields)) {
    const schema: Schema = isOptional(field) ? field.optional : field
    properties[name] = schema
    if (!isOptional(field) && schema.default === undefined) required.push(name)
  }
  return withoutUndefined({
    type: "object",
    description,
    ...common(options),
    properties,
    required: required.length > 0 ? required : undefined,
    minProperties: options.minProperties,
    maxProperties: options.maxProperties,
    "x-kubernetes-map-type": options.atomic ? mapTypes.atomic : undefined,
    "x-kubernetes-preserve-unknown-fields": options.preserveUnknown,
    "x-kubernetes-embedded-resource": options.embedded,
  })
}

const mapTypes = { atomic: "atomic" } satisfies Record<string, MapType>

function optional<T>(schema: Typed<T>): OptionalField<T> {
  return { optional: schema }
}

function string(description: string, options: StringOptions = {}): Typed<string> {
  return withoutUndefined({
    type: "string",
    description,
    ...common(options),
    minLength: options.minLength,
    maxLength: options.maxLength,
    pattern: options.pattern,
    format: options.format,
  })
}

function enumeration<const V extends string>(
  description: string,
  values: readonly V[],
  options: CommonOptions = {},
): Typed<V> {
  return { type: "string", description, ...common(options), enum: values }
}

function numeric(type: "integer" | "number", format: string | undefined) {
  return (description: string, options: NumberOptions = {}): Typed<number> =>
    withoutUndefined({
      type,
      description,
      ...common(options),
      format,
      minimum: options.minimum,
      maximum: options.maximum,
      exclusiveMinimum: options.exclusiveMinimum,
      exclusiveMaximum: options.exclusiveMaximum,
      multipleOf: options.multipleOf,
    })
}

function boolean(description: string, options: CommonOptions = {}): Typed<boolean> {
  return { type: "boolean", description, ...common(options) }
}

function list<T>(
  description: string,
  item: Typed<T>,
  options: ListOptions = {},
): Typed<readonly T[]> {
  assert(!(options.key && options.set), "a list merges by key or as a set, not both")
  let listType: ListType = "atomic"
  if (options.key) listType = "map"
  else if (options.set) listType = "set"
  return withoutUndefined({
    type: "array",
    description,
    ...common(options),
    items: item,
    minItems: options.minItems,
    maxItems: options.maxItems,
    "x-kubernetes-list-type": listType,
    "x-kubernetes-list-map-keys": options.key,
    "x-kubernetes-patch-strategy": options.patchStrategy,
    "x-kubernetes-patch-merge-key": options.patchMergeKey,
  })
}

function map<T>(
  description: string,
  value: Typed<T>,
  options: MapOptions = {},
): Typed<{ readonly [key: string]: T }> {
  return withoutUndefined({
    type: "object",
    description,
    ...common(options),
    additionalProperties: value,
    minProperties: options.minProperties,
    maxProperties: options.maxProperties,
    "x-kubernetes-map-type": options.atomic ? mapTypes.atomic : undefined,
  })
}

function intOrString(
  description: string,
  options: CommonOptions & { readonly pattern?: string | undefined } = {},
): Typed<IntOrString> {
  return withoutUndefined({
    description,
    ...common(options),
    pattern: options.pattern,
    "x-kubernetes-int-or-string": true,
  })
}

/** Any JSON value, kept as it is. */
function any(description: string, options: CommonOptions = {}): Typed<JsonValue> {
  return { description, ...common(options), "x-kubernetes-preserve-unknown-fields": true }
}

/** Any JSON object, kept as it is. */
function anyObject(
  description: string,
  options: CommonOptions = {},
): Typed<{ readonly [key: string]: JsonValue | undefined }> {
  return {
    type: "object",
    description,
    ...common(options),
    "x-kubernetes-preserve-unknown-fields": true,
  }
}

/** RFC 3339 date and time. */
function time(description: string, options: CommonOptions = {}): Typed<string> {
  return string(description, { ...options, format: "date-time" })
}

/** A definition by name; the caller says which type it has: `s.ref<ObjectMeta>("ObjectMeta")`. */
function ref<T>(name: string): Typed<T> {
  return { $ref: refTo(name) }
}

/**
 * The schema with a default. The field is not `required` in the schema, because whoever writes may
 * leave it out; its type has no `undefined`, because whoever reads always finds it.
 */
function withDefault<T>(schema: Typed<T>, value: NoInfer<T>): Typed<T> {
  return { ...schema, default: value as JsonValue }
}

/** The same schema with another description, for a shape that is shared by several fields. */
function describe<T>(description: string, schema: Typed<T>): Typed<T> {
  return { ...schema, description }
}

/** A plain schema whose type is known to the caller. */
function typed<T>(schema: Schema): Typed<T> {
  return schema
}

/** The builder that kind files are written with. Its values are plain schemas. */
export const s = {
  object,
  optional,
  string,
  enum: enumeration,
  integer: numeric("integer", undefined),
  int32: numeric("integer", "int32"),
  int64: numeric("integer", "int64"),
  number: numeric("number", undefined),
  boolean,
  list,
  map,
  intOrString,
  any,
  anyObject,
  time,
  ref,
  withDefault,
  describe,
  typed,
}
