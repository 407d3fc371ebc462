import { isObject } from "#base"
import type { Schema, SchemaMap } from "#schema"

/**
 * One difference of an older schema from the hub's: a dotted path, where `[]` stands for a list's
 * items, and what is there instead. Null removes the field, a function changes what is there; a
 * path that ends in `*` makes the field required, one that ends in `?` optional.
 */
export type SchemaEdit = readonly [
  path: string,
  change: Schema | null | ((schema: Schema) => Schema),
]

/** A schema with edits applied in order. */
export function reshape(schema: Schema, edits: readonly SchemaEdit[]): Schema {
  return edits.reduce((result, [path, change]) => {
    const [, names = "", mark = ""] = /^(.*?)([*?]?)$/.exec(path) ?? []
    return edit(result, names.split("."), change, mark)
  }, schema)
}

function edit(
  schema: Schema,
  [name, ...rest]: readonly string[],
  change: SchemaEdit[1],
  mark: string,
): Schema {
  if (name === undefined) return schema
  if (name === "[]") {
    const items = schema.items as Schema
    return {
      ...schema,
      items: rest.length > 0 ? edit(items, rest, change, mark) : (changed(items, change) ?? items),
    }
  }
  const current = schema.properties?.[name]
  if (rest.length > 0) {
    if (!current) throw new Error(`reshape schema: there is no field ${name} to go into`)
    return withProperty(schema, name, edit(current, rest, change, mark))
  }
  const next = withProperty(schema, name, changed(current, change))
  if (mark === "*") return { ...next, required: [...(next.required ?? []), name] }
  return mark === "?" ? withoutRequired(next, name) : next
}

function changed(current: Schema | undefined, change: SchemaEdit[1]): Schema | undefined {
  if (typeof change !== "function") return change ?? undefined
  if (!current) throw new Error("reshape schema: there is no field to change")
  return change(current)
}

function withProperty(schema: Schema, name: string, part: Schema | undefined): Schema {
  if (part) return { ...schema, properties: { ...schema.properties, [name]: part } }
  const { [name]: removed, ...properties } = schema.properties ?? {}
  if (!removed) throw new Error(`reshape schema: there is no field ${name} to remove`)
  return withoutRequired({ ...schema, properties }, name)
}

function withoutRequired({ required, ...schema }: Schema, name: string): Schema {
  const left = required?.filter((other) => other !== name) ?? []
  return left.length > 0 ? { ...schema, required: left } : schema
}

/** The schema without lower bounds on the sizes of objects and lists, all the way down. */
export function withoutMinimumSizes(schema: Schema): Schema {
  const { minProperties: _properties, minItems: _items, ...rest } = schema
  const { properties, items, additionalProperties } = schema
  return {
    ...rest,
    ...(properties ? { properties: mapValues(properties, withoutMinimumSizes) } : {}),
    ...(isObject(items) ? { items: withoutMinimumSizes(items) } : {}),
    ...(isObject(additionalProperties)
      ? { additionalProperties: withoutMinimumSizes(additionalProperties) }
      : {}),
  }
}

function mapValues(map: SchemaMap, change: (schema: Schema) => Schema): SchemaMap {
  return Object.fromEntries(Object.entries(map).map(([name, part]) => [name, change(part)]))
}

/** Drops keywords from a schema. */
export function without(...keywords: readonly (keyof Schema)[]): (schema: Schema) => Schema {
  return (schema) =>
    Object.fromEntries(
      Object.entries(schema).filter(([keyword]) => !keywords.some((other) => other === keyword)),
    )
}
