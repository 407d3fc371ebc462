import { deepFreeze } from "#base"
import { expect, test } from "vitest"
import { applyMergePatch } from "./merge-patch.ts"
import { PatchError } from "./patch-error.ts"

test.each([
  [{ a: "b" }, { a: "c" }, { a: "c" }],
  [{ a: "b" }, { b: "c" }, { a: "b", b: "c" }],
  [{ a: "b" }, { a: null }, {}],
  [{ a: "b", b: "c" }, { a: null }, { b: "c" }],
  [{ a: ["b"] }, { a: "c" }, { a: "c" }],
  [{ a: { b: "c" } }, { a: { b: "d", c: null } }, { a: { b: "d" } }],
  [{ a: [{ b: "c" }] }, { a: [1] }, { a: [1] }],
  [
    ["a", "b"],
    ["c", "d"],
    ["c", "d"],
  ],
  [{ e: null }, { a: 1 }, { e: null, a: 1 }],
  [[1, 2], { a: "b", c: null }, { a: "b" }],
  [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  [{ a: 1 }, null, null],
])("%j patched with %j is %j", (document, patch, expected) => {
  expect(applyMergePatch(deepFreeze(document), deepFreeze(patch))).toEqual(expected)
})

test("untouched parts are shared with the document", () => {
  const document = { a: { deep: [1] }, b: 1 }
  expect((applyMergePatch(document, { b: 2 }) as typeof document).a).toBe(document.a)
})

test("a member named __proto__ is only a member", () => {
  const patch = JSON.parse(`{"__proto__":{"polluted":{"x":1}},"constructor":{"y":null}}`) as unknown
  const result = applyMergePatch({}, patch)
  expect(JSON.stringify(result)).toBe(`{"__proto__":{"polluted":{"x":1}},"constructor":{}}`)
  expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined()
})

test("a patch nested without end is refused", () => {
  let patch: unknown = {}
  for (let depth = 0; depth < 100_000; depth += 1) patch = { a: patch }
  expect(() => applyMergePatch({}, patch)).toThrow(PatchError)
})
