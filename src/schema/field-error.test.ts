import { expect, test } from "vitest"
import {
  canonicalJson,
  fieldErrorMessage,
  formatFieldError,
  forbiddenError,
  duplicateError,
  invalidError,
  notSupportedError,
  quote,
  requiredError,
  sortFieldErrors,
  tooLongError,
  tooManyError,
} from "./field-error.ts"

test.each([
  [requiredError("spec.x"), "spec.x: Required value"],
  [requiredError("spec.x", "must be set"), "spec.x: Required value: must be set"],
  [invalidError("spec.x", "a b", "no"), 'spec.x: Invalid value: "a b": no'],
  [invalidError("spec.x", 3, "no"), "spec.x: Invalid value: 3: no"],
  [invalidError("spec.x", true, "no"), "spec.x: Invalid value: true: no"],
  [invalidError("spec.x", null, "no"), "spec.x: Invalid value: null: no"],
  [invalidError("spec.x", undefined, "no"), 'spec.x: Invalid value: "": no'],
  [invalidError("x", { b: "<", a: [1] }, "no"), 'x: Invalid value: {"a":[1],"b":"\\u003c"}: no'],
  [forbiddenError("spec.x", "not here"), "spec.x: Forbidden: not here"],
  [duplicateError("spec.l[1]", { name: "a" }), 'spec.l[1]: Duplicate value: {"name":"a"}'],
  [
    notSupportedError("spec.x", "z", ["a", "b"]),
    'spec.x: Unsupported value: "z": supported values: "a", "b"',
  ],
  [tooLongError("spec.x", 63), "spec.x: Too long: may not be more than 63 bytes"],
  [tooLongError("spec.x", 1), "spec.x: Too long: may not be more than 1 byte"],
  [tooManyError("spec.x", 3, 2), "spec.x: Too many: 3: must have at most 2 items"],
  [tooManyError("spec.x", 3, 1), "spec.x: Too many: 3: must have at most 1 item"],
])("a field error reads as upstream writes it: %#", (error, text) => {
  expect(formatFieldError(error)).toBe(text)
})

test("a cause leaves the field out of its message", () => {
  expect(fieldErrorMessage(invalidError("spec.x", 3, "no"))).toBe("Invalid value: 3: no")
})

test("a quoted value escapes quotes, controls and what cannot be printed", () => {
  expect(quote('a"b\\c\n\x00\x7f\u00a0é\u{1F600}\u{E0001}')).toBe(
    '"a\\"b\\\\c\\n\\x00\\x7f\\u00a0é\u{1F600}\\U000e0001"',
  )
})

test("errors sort by field and keep their order within one", () => {
  const errors = [invalidError("b", 1, "1"), invalidError("a", 1, "2"), invalidError("a", 1, "1")]
  expect(sortFieldErrors(errors).map((error) => error.field + error.detail)).toEqual([
    "a2",
    "a1",
    "b1",
  ])
})

test("equal values have the same canonical text whatever the order of their keys", () => {
  expect(canonicalJson({ b: 1, a: { d: [1], c: null } })).toBe(
    canonicalJson({ a: { c: null, d: [1] }, b: 1 }),
  )
})
