import { readFileSync } from "node:fs"
import { describe, expect, test } from "vitest"
import { compileColumns } from "./columns.ts"
import { compileJsonPath, fieldNamesOf } from "./json-path.ts"
import { JsonPathError } from "./json-path-parser.ts"

/** What client-go v0.34.4 answered. */
interface Recorded {
  readonly object: unknown
  readonly paths: readonly {
    readonly path: string
    readonly refused?: boolean
    readonly values?: readonly unknown[]
    readonly text?: string | null
  }[]
}

const recorded = JSON.parse(
  readFileSync(new URL("testdata/json-path.gen.json", import.meta.url), "utf8"),
) as Recorded

describe("like client-go", () => {
  test.each(recorded.paths)("$path", ({ path, refused, values, text }) => {
    if (refused) {
      expect(() => compileJsonPath(path)).toThrow(JsonPathError)
      return
    }
    expect(compileJsonPath(path).find(recorded.object)).toEqual(values)
    const render = compileColumns([{ name: "x", type: "string", jsonPath: path }])
    expect(render(recorded.object, 0)).toEqual([text])
  })
})

test("a quoted name is one name, dots and quotes included", () => {
  const object = { labels: { "a.b/c": 1, "it's": 2, "x,y": 3, "z]": 4 } }
  expect(compileJsonPath(".labels['a.b/c']").find(object)).toEqual([1])
  expect(compileJsonPath('.labels["a\\.b/c"]').find(object)).toEqual([1])
  expect(compileJsonPath(".labels['it\\'s']").find(object)).toEqual([2])
  expect(compileJsonPath(".labels['x,y','z]']").find(object)).toEqual([3, 4])
})

test("a lone dot is the value itself", () => {
  expect(compileJsonPath(".").find(3)).toEqual([3])
})

test("names on the prototype of every object lead nowhere", () => {
  for (const name of ["constructor", "toString", "__proto__"]) {
    expect(compileJsonPath(`.a.${name}`).find({ a: {} })).toEqual([])
  }
  expect(compileJsonPath(".a.__proto__").find(JSON.parse('{"a":{"__proto__":1}}'))).toEqual([1])
})

test.each([
  "a",
  ".a[",
  ".a[]",
  ".a[-]",
  ".a[1:2:0]",
  ".a[99999999999999999999]",
  ".a[?(@.b=='c')",
  ".a[?(b=='c')]",
  ".a[?(@.b[?(@.c)])]",
  ".a[?()]",
  ".a['b",
  ".a..[",
  ".{a}",
  "..",
  "...",
])("the path %s is refused with the reason", (path) => {
  expect(() => compileJsonPath(path)).toThrow(JsonPathError)
  expect(() => compileJsonPath(path)).toThrow(path)
})

test("long hostile paths are answered", () => {
  const size = 100_000
  for (const text of ["[", "[?(", ".", "..a", "['", "\\", "[0]", "[?(@.a==", ".a[?(@.b)]", "[1,"]) {
    const path = text.repeat(size)
    try {
      compileJsonPath(path).find({ a: [{ a: 1 }] })
    } catch (error) {
      expect(error).toBeInstanceOf(JsonPathError)
    }
  }
})

test("descending through a deep or wide value does not overflow", () => {
  let deep: unknown = { leaf: 1 }
  for (let index = 0; index < 20_000; index += 1) deep = { a: deep }
  expect(compileJsonPath("..leaf").find(deep)).toEqual([1])
  const wide = { list: Array.from({ length: 300_000 }, () => ({ b: 1 })) }
  expect(compileJsonPath("..b").find(wide)).toHaveLength(300_000)
})

test("field names are told only of paths that have nothing else", () => {
  expect(fieldNamesOf(".spec.replicas")).toEqual(["spec", "replicas"])
  expect(fieldNamesOf(".a['b.c'].d\\.e")).toEqual(["a", "b.c", "d.e"])
  expect(fieldNamesOf(".a[0]")).toBeUndefined()
  expect(fieldNamesOf(".a.*")).toBeUndefined()
  expect(fieldNamesOf("a")).toBeUndefined()
})
