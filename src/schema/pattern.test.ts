import { expect, test } from "vitest"
import { compilePattern } from "./pattern.ts"
import { SchemaError } from "./schema.ts"

test("a pattern matches anywhere unless it is anchored", () => {
  expect(compilePattern("b").test("abc")).toBe(true)
  expect(compilePattern("^b$").test("abc")).toBe(false)
})

test("a pattern that would keep a backtracking engine busy for ever answers", () => {
  expect(compilePattern("^(a+)+$").test(`${"a".repeat(50_000)}b`)).toBe(false)
})

test.each(["(", "a(?=b)", "(?<=a)b", "a**", "(a{1000}){1000}", "\\1"])(
  "the pattern %s is refused with the reason",
  (source) => {
    expect(() => compilePattern(source)).toThrow(SchemaError)
    expect(() => compilePattern(source)).toThrow("error parsing regexp")
  },
)

test("the same pattern is compiled once", () => {
  expect(compilePattern("^once$")).toBe(compilePattern("^once$"))
})

test("thousands of different patterns do not pile up, and each still works", () => {
  for (let index = 0; index < 4500; index += 1) {
    expect(compilePattern(`^p${index}$`).test(`p${index}`)).toBe(true)
  }
})
