import { expect, test } from "vitest"
import { s } from "./builder.ts"
import { kindToOpenApi, toOpenApi } from "./openapi.ts"
import type { Schema } from "./schema.ts"

function referenceOf(name: string): string {
  return `#/components/schemas/${name}`
}

test("descriptions, limits and extensions are kept as they are", () => {
  const schema = s.object("Desired state.", {
    items: s.optional(
      s.list("Items.", s.object("One.", { name: s.string("Name.", { maxLength: 5 }) }), {
        key: ["name"],
      }),
    ),
    port: s.optional(s.intOrString("Port.")),
    labels: s.optional(s.map("Labels.", s.string("Value."), { atomic: true })),
  })
  expect(toOpenApi(schema, referenceOf)).toEqual(schema)
})

test("references point into the document wherever they stand", () => {
  const schema: Schema = {
    type: "object",
    properties: {
      a: { $ref: "#/definitions/A" },
      b: { type: "array", items: { $ref: "#/definitions/B" } },
    },
    additionalProperties: { $ref: "#/definitions/C" },
    anyOf: [{ not: { $ref: "#/definitions/D" } }],
  }
  const names: string[] = []
  const result = toOpenApi(schema, (name) => {
    names.push(name)
    return referenceOf(name)
  })
  expect(names.toSorted()).toEqual(["A", "B", "C", "D"])
  expect(result).toEqual({
    type: "object",
    properties: {
      a: { $ref: "#/components/schemas/A" },
      b: { type: "array", items: { $ref: "#/components/schemas/B" } },
    },
    additionalProperties: { $ref: "#/components/schemas/C" },
    anyOf: [{ not: { $ref: "#/components/schemas/D" } }],
  })
})

test("what is said beside a reference moves around it", () => {
  expect(
    toOpenApi({ $ref: "#/definitions/A", description: "An A.", default: {} }, referenceOf),
  ).toEqual({
    description: "An A.",
    default: {},
    allOf: [{ $ref: "#/components/schemas/A" }],
  })
})

test("values that look like schemas are left alone", () => {
  const schema: Schema = {
    type: "object",
    default: { $ref: "#/definitions/A", properties: { a: {} } },
    enum: [{ $ref: "x" }],
    properties: { $ref: { type: "string" }, properties: { type: "object" } },
  }
  expect(toOpenApi(schema, referenceOf)).toEqual(schema)
})

test("a property named __proto__ stays a property", () => {
  const schema = JSON.parse('{"properties":{"__proto__":{"type":"string"}}}') as Schema
  expect(JSON.stringify(toOpenApi(schema, referenceOf))).toBe(JSON.stringify(schema))
})

test("a kind's component says what every object has and which kind it is", () => {
  const schema: Schema = {
    type: "object",
    description: "A thing.",
    properties: { metadata: { type: "object" }, spec: { type: "object" } },
  }
  const component = kindToOpenApi(
    schema,
    { group: "example.com", version: "v1", kind: "Thing", metadata: "ObjectMeta" },
    referenceOf,
  )
  expect(component).toMatchObject({
    description: "A thing.",
    properties: {
      apiVersion: { type: "string" },
      kind: { type: "string" },
      metadata: { allOf: [{ $ref: "#/components/schemas/ObjectMeta" }] },
      spec: { type: "object" },
    },
    "x-kubernetes-group-version-kind": [{ group: "example.com", version: "v1", kind: "Thing" }],
  })
})
