import { readFileSync } from "node:fs"
import { describe, expect, test } from "vitest"
import { deepFreeze } from "#base"
import { compileSchema } from "./compile.ts"
import { formatFieldError } from "./field-error.ts"
import { maxNesting } from "./nesting.ts"
import { type Schema, SchemaError } from "./schema.ts"

/** What apiextensions-apiserver v0.34.4 answered. */
interface Recorded {
  readonly name: string
  readonly schema: Schema
  readonly value: unknown
  readonly old?: unknown
  readonly pruned: readonly string[]
  readonly prunedValue: unknown
  readonly defaulted: unknown
  readonly errors: readonly string[]
  readonly reasons: readonly string[]
}

const recorded = JSON.parse(
  readFileSync(new URL("testdata/validation.gen.json", import.meta.url), "utf8"),
) as readonly Recorded[]

describe("like apiextensions-apiserver", () => {
  test.each(recorded)("$name", (record) => {
    const schema = compileSchema(deepFreeze(record.schema))
    const pruned = schema.prune(deepFreeze(record.value))
    expect(pruned.pruned).toEqual(record.pruned)
    expect(pruned.value).toEqual(record.prunedValue)
    const defaulted = schema.applyDefaults(deepFreeze(pruned.value))
    expect(defaulted).toEqual(record.defaulted)
    const errors = schema.validate(defaulted, record.old)
    expect(errors.map(formatFieldError)).toEqual(record.errors)
    expect(errors.map((error) => error.reason)).toEqual(record.reasons)
  })

  test.each(recorded)("once more changes nothing: $name", (record) => {
    const schema = compileSchema(record.schema)
    const { value } = schema.prune(record.value)
    expect(schema.prune(value)).toEqual({ value, pruned: [] })
    expect(schema.prune(value).value).toBe(value)
    const defaulted = schema.applyDefaults(value)
    expect(schema.applyDefaults(defaulted)).toBe(defaulted)
    expect(schema.prune(defaulted).value).toBe(defaulted)
  })

  test.each(recorded)("what did not change is never wrong: $name", (record) => {
    const schema = compileSchema(record.schema)
    const value = schema.applyDefaults(schema.prune(record.value).value)
    expect(schema.validate(value, value)).toEqual([])
  })
})

const list: Schema = {
  type: "object",
  properties: {
    name: { type: "string", maxLength: 5 },
    next: { $ref: "#/definitions/List" },
    tags: { type: "array", items: { $ref: "#/definitions/Tag", default: "none" } },
  },
  required: ["name"],
}
const definitions = { List: list, Tag: { type: "string", pattern: "^[a-z]*$" } } as const
const recursive: Schema = { type: "object", properties: { list: { $ref: "#/definitions/List" } } }

describe("references", () => {
  const schema = compileSchema(recursive, definitions)

  test("a recursive definition is followed as deep as the value goes", () => {
    const value = { list: { name: "a", next: { name: "b", next: { name: "toolong", odd: 1 } } } }
    expect(schema.prune(value).pruned).toEqual(["list.next.next.odd"])
    expect(schema.validate(value).map(formatFieldError)).toEqual([
      "list.next.next.name: Too long: may not be more than 5 bytes",
    ])
  })

  test("what stands beside a reference is laid over the definition", () => {
    expect(schema.applyDefaults({ list: { name: "a", tags: ["x", null] } })).toEqual({
      list: { name: "a", tags: ["x", "none"] },
    })
    expect(schema.validate({ list: { name: "a", tags: ["X"] } }).map(formatFieldError)).toEqual([
      "list.tags[0]: Invalid value: \"X\": list.tags[0] in body should match '^[a-z]*$'",
    ])
  })

  test("a reference to nothing is an error that names it", () => {
    const broken = compileSchema({
      type: "object",
      properties: { a: { $ref: "#/definitions/No" } },
    })
    expect(() => broken.prune({ a: {} })).toThrow(SchemaError)
    expect(() => broken.prune({ a: {} })).toThrow("#/definitions/No")
    expect(() => compileSchema({ $ref: "#/definitions/constructor" })).toThrow(SchemaError)
  })

  test("references in a circle are an error", () => {
    const circle = { A: { $ref: "#/definitions/B" }, B: { $ref: "#/definitions/A" } }
    expect(() => compileSchema({ $ref: "#/definitions/A" }, circle)).toThrow(SchemaError)
  })
})

describe("metadata", () => {
  const metadata: Schema = { type: "object", properties: { name: { type: "string" } } }

  test("a resource keeps metadata whatever its schema lists", () => {
    const schema = compileSchema({ type: "object", properties: { metadata } })
    const value = { metadata: { name: "a", labels: { b: "c" } }, kind: "K", other: 1 }
    expect(schema.prune(value)).toEqual({
      value: { metadata: { name: "a", labels: { b: "c" } }, kind: "K" },
      pruned: ["other"],
    })
  })

  test("metadata that is a definition is pruned by it", () => {
    const schema = compileSchema(
      { type: "object", properties: { metadata: { $ref: "#/definitions/ObjectMeta" } } },
      { ObjectMeta: metadata },
    )
    expect(schema.prune({ metadata: { name: "a", odd: 1 } }).pruned).toEqual(["metadata.odd"])
  })

  test("a schema of something else than a resource keeps only what it lists", () => {
    const schema = compileSchema({ type: "object", properties: {} }, {}, { resource: false })
    expect(schema.prune({ kind: "K", metadata: {} }).pruned).toEqual(["kind", "metadata"])
  })
})

test("errors of a value inside an object are led by its path", () => {
  const schema = compileSchema({
    type: "object",
    properties: { phase: { type: "string", enum: ["A"] }, n: { type: "integer" } },
    anyOf: [{ required: ["phase"] }],
  })
  expect(schema.validate({ n: "x" }, undefined, "status").map(formatFieldError)).toEqual([
    'status: Invalid value: "": "" must validate at least one schema (anyOf)',
    'status.n: Invalid value: "string": n in body must be of type integer: "string"',
    "status.phase: Required value",
  ])
})

test("number formats are enforced", () => {
  const schema = compileSchema({
    type: "object",
    properties: { n: { type: "integer", format: "int32" } },
  })
  expect(schema.validate({ n: 2 ** 31 - 1 })).toEqual([])
  expect(schema.validate({ n: 2 ** 31 }).map(formatFieldError)).toEqual([
    "n: Invalid value: 2147483648: n in body must be of type integer with format int32",
  ])
})

test("members that are undefined count as absent", () => {
  const schema = compileSchema({
    type: "object",
    properties: { a: { type: "string" }, b: { type: "string", default: "d" } },
    required: ["a"],
  })
  expect(schema.applyDefaults({ a: undefined, b: undefined })).toEqual({ b: "d" })
  expect(schema.validate({ a: undefined }).map(formatFieldError)).toEqual(["a: Required value"])
})

test("an item without its key is not matched with an old one", () => {
  const schema = compileSchema({
    type: "object",
    properties: {
      l: {
        type: "array",
        "x-kubernetes-list-type": "map",
        "x-kubernetes-list-map-keys": ["k"],
        items: { type: "object", properties: { k: { type: "string" } }, required: ["k"] },
      },
    },
  })
  const errors = schema.validate({ l: [{}, { k: "a" }] }, { l: [{}] })
  expect(errors.map(formatFieldError)).toEqual(["l[0].k: Required value"])
})

test("a default of null is none", () => {
  const schema = compileSchema({
    type: "object",
    properties: { a: { type: "string", default: null }, b: { type: "string", default: null } },
  })
  expect(schema.applyDefaults({ b: null })).toEqual({})
})

test("a default is never shared between two objects", () => {
  const schema = compileSchema({
    type: "object",
    properties: { o: { type: "object", default: { l: [] } } },
  })
  const [first, second] = [
    schema.applyDefaults<{ o?: unknown }>({}),
    schema.applyDefaults<{ o?: unknown }>({}),
  ]
  expect(first.o).toEqual({ l: [] })
  expect(first.o).not.toBe(second.o)
})

test("parts that did not change are shared with the input", () => {
  const schema = compileSchema({
    type: "object",
    properties: {
      a: { type: "object", properties: { x: { type: "string" } } },
      b: { type: "object", properties: { y: { type: "string" } } },
    },
  })
  const value = { a: { x: "1" }, b: { y: "2", odd: 3 } }
  const pruned = schema.prune(value)
  expect(pruned.value.a).toBe(value.a)
  expect(pruned.value.b).not.toBe(value.b)
  expect(value.b).toEqual({ y: "2", odd: 3 })
})

describe("hostile input", () => {
  const open: Schema = { type: "object", "x-kubernetes-preserve-unknown-fields": true }

  function nest(depth: number, key: string): unknown {
    let value: unknown = {}
    for (let index = 0; index < depth; index += 1) value = { [key]: value }
    return value
  }

  test("nesting beyond the limit is an error, not an overflow", () => {
    const schema = compileSchema(recursive, definitions)
    const value = { list: nest(20_000, "next") }
    expect(schema.prune(value).value).toBe(value)
    expect(schema.applyDefaults(value)).toBe(value)
    expect(schema.validate(value, value).map(formatFieldError)).toEqual([
      `<nil>: Invalid value: "": must not nest deeper than ${maxNesting} levels`,
    ])
  })

  test("nesting up to the limit is served", () => {
    const schema = compileSchema(recursive, definitions)
    const value = { list: nest(maxNesting - 2, "next") }
    expect(schema.validate(value)).toHaveLength(maxNesting - 1)
    expect(schema.validate(value, value)).toEqual([])
  })

  test("unknown parts are kept whatever their depth, but a too deep object is not valid", () => {
    const schema = compileSchema(open)
    const value = { spec: nest(20_000, "a") }
    expect(schema.prune(value).value).toBe(value)
    expect(schema.validate(value)).toHaveLength(1)
  })

  test("members named like parts of every object reach no prototype", () => {
    const schema = compileSchema({
      type: "object",
      properties: { spec: { type: "object", additionalProperties: { type: "string" } } },
    })
    const value = JSON.parse(
      '{"spec":{"__proto__":"a","constructor":"b","odd":null},"x":1}',
    ) as unknown
    const result = schema.applyDefaults(schema.prune(value).value) as { spec: object }
    expect(Object.keys(result.spec)).toEqual(["__proto__", "constructor"])
    expect(Object.getPrototypeOf(result.spec)).toBe(Object.prototype)
    expect(schema.validate(result)).toEqual([])
    expect(({} as Record<string, unknown>)["odd"]).toBeUndefined()
  })

  test("required members are not found on the prototype", () => {
    const schema = compileSchema({ type: "object", required: ["toString", "constructor"] })
    expect(schema.validate({}).map((error) => error.field)).toEqual(["constructor", "toString"])
  })

  test("a field named __proto__ can be declared, defaulted and pruned around", () => {
    const schema = compileSchema(
      JSON.parse(
        '{"type":"object","properties":{"__proto__":{"type":"string","default":"d"}}}',
      ) as Schema,
    )
    const result = schema.applyDefaults(schema.prune({ odd: 1 }).value)
    expect(Object.entries(result)).toEqual([["__proto__", "d"]])
  })

  test("a pattern made to hang an engine answers", () => {
    const schema = compileSchema({
      type: "object",
      properties: { a: { type: "string", pattern: "^(a+)+$" } },
    })
    expect(schema.validate({ a: `${"a".repeat(50_000)}b` })).toHaveLength(1)
  })

  test("a list of a million wrong items gives a bounded number of errors", () => {
    const schema = compileSchema({
      type: "object",
      properties: { a: { type: "array", items: { type: "integer" }, maxItems: 10 } },
    })
    const errors = schema.validate({ a: Array.from({ length: 1_000_000 }, () => "x") })
    expect(errors.length).toBeLessThan(1100)
    expect(formatFieldError(errors[0]!)).toBe("a: Too many: 1000000: must have at most 10 items")
  })

  test("lists of unique items stay quick when they are long", () => {
    const schema = compileSchema({
      type: "object",
      properties: {
        set: { type: "array", items: { type: "string" }, "x-kubernetes-list-type": "set" },
        map: {
          type: "array",
          items: { type: "object", properties: { k: { type: "string" } } },
          "x-kubernetes-list-type": "map",
          "x-kubernetes-list-map-keys": ["k"],
        },
        unique: { type: "array", items: {}, uniqueItems: true },
      },
    })
    const names = Array.from({ length: 100_000 }, (_, index) => `n${index}`)
    const value = { set: names, map: names.map((k) => ({ k })), unique: names }
    expect(schema.validate(value)).toEqual([])
    const twice = { ...value, set: [...names, "n7"], map: [...value.map, { k: "n9" }] }
    expect(schema.validate(twice, value).map((error) => error.field)).toEqual([
      "map[100000]",
      "set[100000]",
    ])
  })

  test.each([[null], [1], ["x"], [[]], [true]])(
    "a root that is %j is refused, not crashed on",
    (value) => {
      const schema = compileSchema({ type: "object", properties: { a: { type: "string" } } })
      expect(schema.applyDefaults(schema.prune(value).value)).toBe(value)
      expect(schema.validate(value)[0]?.reason).toBe("FieldValueTypeInvalid")
    },
  )
})
