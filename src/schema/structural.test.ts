import { readFileSync } from "node:fs"
import { describe, expect, test } from "vitest"
import { formatFieldError } from "./field-error.ts"
import type { Schema } from "./schema.ts"
import { validateStructural } from "./structural.ts"

/** What apiextensions-apiserver v0.34.4 answered. */
interface Recorded {
  readonly name: string
  readonly schema: Schema
  readonly errors: readonly string[]
}

const recorded = JSON.parse(
  readFileSync(new URL("testdata/structural.gen.json", import.meta.url), "utf8"),
) as readonly Recorded[]

function textsOf(schema: unknown): readonly string[] {
  return validateStructural(schema as Schema, "schema").map(formatFieldError)
}

describe("like apiextensions-apiserver", () => {
  test.each(recorded)("$name", ({ schema, errors }) => {
    expect([...new Set(textsOf(schema))].sort()).toEqual(errors)
  })
})

test("errors are sorted by field", () => {
  const fields = validateStructural(
    {
      type: "object",
      properties: { b: {}, a: {}, c: { type: "array" } },
      nullable: true,
    },
    "schema",
  ).map((error) => error.field)
  expect(fields).toEqual(fields.toSorted())
  expect(fields).toHaveLength(4)
})

test("references are not supported in a user's schema", () => {
  expect(textsOf({ type: "object", properties: { a: { $ref: "#/definitions/A" } } })).toContain(
    "schema.properties[a].$ref: Forbidden: $ref is not supported",
  )
})

test.each([
  [{ type: "object", properties: "x" }, "schema.properties"],
  [{ type: "object", properties: { a: 1 } }, "schema.properties.a"],
  [{ type: "object", required: [1] }, "schema.required[0]"],
  [
    { type: "object", properties: { a: { type: "string", pattern: 3 } } },
    "schema.properties.a.pattern",
  ],
  [{ type: "object", allOf: {} }, "schema.allOf"],
  [{ type: ["string", "null"] }, "schema.type"],
  [{ type: "object", "x-kubernetes-validations": [{}] }, "schema.x-kubernetes-validations[0].rule"],
])("a schema whose keywords have odd types is refused, not walked: %j", (schema, field) => {
  expect(validateStructural(schema as unknown as Schema, "schema").map((e) => e.field)).toEqual([
    field,
  ])
})

test.each([
  [
    { type: "object", properties: { a: { type: "array", items: "x" } } },
    "schema.properties[a].items",
  ],
  [
    { type: "object", properties: { a: { type: "object", additionalProperties: "x" } } },
    "schema.properties[a].additionalProperties",
  ],
  [
    { type: "object", properties: { a: { type: "array", items: { allOf: {} } } } },
    "schema.properties.a.items.allOf",
  ],
  [
    { type: "object", properties: { a: { additionalProperties: { pattern: 3 } } } },
    "schema.properties.a.additionalProperties.pattern",
  ],
  [
    { type: "object", properties: { a: { items: [{ required: "x" }] } } },
    "schema.properties.a.items[0].required",
  ],
])("a place that takes a schema takes nothing else: %j", (schema, field) => {
  expect(validateStructural(schema as unknown as Schema, "schema").map((e) => e.field)).toContain(
    field,
  )
})

test("a schema nested beyond the limit is refused, not overflowed on", () => {
  let schema: Schema = { type: "object" }
  for (let index = 0; index < 20_000; index += 1)
    schema = { type: "object", properties: { a: schema } }
  expect(textsOf(schema)).toEqual(["schema: Forbidden: must not nest deeper than 1000 levels"])
})

test("places named like parts of every object are places like any other", () => {
  const schema = JSON.parse(
    `{"type":"object","properties":{"__proto__":{"type":"string"},"constructor":{}},
      "anyOf":[{"properties":{"toString":{"minLength":1}}}]}`,
  ) as Schema
  expect(textsOf(schema)).toEqual([
    "schema.properties[constructor].type: Required value: must not be empty for specified object fields",
    "schema.properties[toString]: Required value: because it is defined in schema.anyOf[0].properties[toString]",
  ])
})
