import { readFileSync } from "node:fs"
import { expect, test } from "vitest"
import { ageOf, type Column, compileColumns, validateColumn } from "./columns.ts"
import { formatAge } from "./duration-text.ts"
import { formatFieldError } from "./field-error.ts"

const { ages } = JSON.parse(
  readFileSync(new URL("testdata/json-path.gen.json", import.meta.url), "utf8"),
) as { readonly ages: readonly (readonly [elapsedMs: number, text: string])[] }

test.each(ages)("%d milliseconds read as kubectl writes them", (elapsedMs, text) => {
  expect(formatAge(elapsedMs)).toBe(text)
})

const nowMs = Date.parse("2026-01-02T03:04:05Z")

const object = {
  metadata: { creationTimestamp: "2026-01-02T03:00:05Z" },
  spec: { replicas: 3.7, ratio: 0.5, on: false, name: "x", map: { b: 1, a: "<" }, off: null },
}

test.each<[Column["type"], string, unknown]>([
  ["string", ".spec.name", "x"],
  ["string", ".spec.replicas", "3.7"],
  ["string", ".spec.on", "false"],
  ["string", ".spec.map", '{"a":"\\u003c","b":1}'],
  ["string", ".spec.off", "<no value>"],
  ["string", ".spec.nope", null],
  ["integer", ".spec.replicas", 3],
  ["integer", ".spec.name", null],
  ["number", ".spec.ratio", 0.5],
  ["number", ".spec.on", null],
  ["boolean", ".spec.on", false],
  ["boolean", ".spec.name", null],
  ["date", ".metadata.creationTimestamp", "4m"],
  ["date", ".spec.name", "<invalid>"],
  ["date", ".spec.replicas", null],
  ["date", ".spec.nope", null],
])("a %s cell at %s shows %j", (type, jsonPath, cell) => {
  expect(compileColumns([{ name: "c", type, jsonPath }])(object, nowMs)).toEqual([cell])
})

test("an age of nothing is unknown, and one in the future is invalid", () => {
  expect(ageOf(undefined, nowMs)).toBe("<unknown>")
  expect(ageOf("", nowMs)).toBe("<unknown>")
  expect(ageOf("2027-01-01T00:00:00Z", nowMs)).toBe("<invalid>")
  expect(ageOf("2026-01-02T03:04:05.5Z", nowMs + 1500)).toBe("1s")
  expect(ageOf("2026-01-02T04:04:05+01:00", nowMs)).toBe("0s")
})

test("a user's column is judged", () => {
  const texts = (column: object): readonly string[] =>
    validateColumn(column as Column, "columns[0]").map(formatFieldError)
  expect(texts({ name: "a", type: "date", jsonPath: ".a", format: "date-time" })).toEqual([])
  expect(texts({})).toEqual([
    "columns[0].name: Required value",
    "columns[0].type: Required value: must be one of boolean,date,integer,number,string",
    "columns[0].JSONPath: Required value",
  ])
  expect(texts({ name: "a", type: "odd", format: "odd", jsonPath: "a" })).toEqual([
    'columns[0].type: Invalid value: "odd": must be one of boolean,date,integer,number,string',
    'columns[0].format: Invalid value: "odd": must be one of byte,date,date-time,double,float,int32,int64,password',
    'columns[0].JSONPath: Invalid value: "a": must be a simple json path starting with .',
  ])
  expect(texts({ name: "a", type: "string", jsonPath: ".a[" })).toHaveLength(1)
})
