import { deepFreeze, isObject } from "#base"
import { describe, expect, test } from "vitest"
import { applyJsonPatch } from "./json-patch.ts"
import { JsonPatchError, JsonPatchTestError, PatchError } from "./patch-error.ts"

function failure(document: unknown, patch: unknown): PatchError {
  try {
    applyJsonPatch(document, patch)
  } catch (error) {
    if (error instanceof PatchError) return error
    throw error
  }
  throw new Error("the patch applied")
}

describe("operations", () => {
  const cases: [string, unknown, unknown[], unknown][] = [
    ["add sets a member", { a: 1 }, [{ op: "add", path: "/b", value: [2] }], { a: 1, b: [2] }],
    ["add inserts an item", [1, 3], [{ op: "add", path: "/1", value: 2 }], [1, 2, 3]],
    ["add appends at -", [1], [{ op: "add", path: "/-", value: 2 }], [1, 2]],
    [
      "add counts negative indexes from the end",
      [1],
      [{ op: "add", path: "/-1", value: 2 }],
      [1, 2],
    ],
    ["add replaces a member", { a: 1 }, [{ op: "add", path: "/a", value: null }], { a: null }],
    ["remove takes a member", { a: 1, b: 2 }, [{ op: "remove", path: "/a" }], { b: 2 }],
    ["remove takes an item", [1, 2, 3], [{ op: "remove", path: "/1" }], [1, 3]],
    ["replace sets a value", { a: [1] }, [{ op: "replace", path: "/a/0", value: 2 }], { a: [2] }],
    ["replace sets an absent member", {}, [{ op: "replace", path: "/a", value: 2 }], { a: 2 }],
    ["replace takes the whole document", { a: 1 }, [{ op: "replace", path: "", value: [] }], []],
    ["move renames", { a: { b: 1 } }, [{ op: "move", from: "/a/b", path: "/c" }], { a: {}, c: 1 }],
    [
      "copy doubles",
      { a: { b: 1 } },
      [{ op: "copy", from: "/a", path: "/c" }],
      { a: { b: 1 }, c: { b: 1 } },
    ],
    ["copy of an absent member is null", {}, [{ op: "copy", from: "/a", path: "/c" }], { c: null }],
    [
      "test compares deeply",
      { a: { b: [1], c: 2 } },
      [{ op: "test", path: "/a", value: { c: 2, b: [1] } }],
      { a: { b: [1], c: 2 } },
    ],
    [
      "test against null holds for what is absent",
      {},
      [{ op: "test", path: "/a", value: null }],
      {},
    ],
    [
      "pointers unescape",
      { "a/b": { "c~1": 1 } },
      [{ op: "remove", path: "/a~1b/c~01" }],
      { "a/b": {} },
    ],
    [
      "an empty step is a member name",
      { "": 1 },
      [{ op: "replace", path: "/", value: 2 }],
      { "": 2 },
    ],
  ]
  test.each(cases)("%s", (_, document, patch, expected) => {
    expect(applyJsonPatch(deepFreeze(document), deepFreeze(patch))).toEqual(expected)
  })

  test("a copied value and its source change apart", () => {
    const patch = [
      { op: "add", path: "/a/x", value: 1 },
      { op: "copy", from: "/a", path: "/b" },
      { op: "add", path: "/a/y", value: 2 },
      { op: "add", path: "/b/z", value: 3 },
    ]
    expect(applyJsonPatch({ a: {} }, patch)).toEqual({ a: { x: 1, y: 2 }, b: { x: 1, z: 3 } })
  })

  test("a value that the patch adds twice changes in one place only", () => {
    const value = { n: [1] }
    const patch = [
      { op: "add", path: "/a", value },
      { op: "add", path: "/b", value },
      { op: "add", path: "/a/n/-", value: 2 },
    ]
    expect(applyJsonPatch({}, patch)).toEqual({ a: { n: [1, 2] }, b: { n: [1] } })
    expect(value).toEqual({ n: [1] })
  })

  test("untouched parts are shared with the document", () => {
    const document = { a: { deep: [1] }, b: 1 }
    const result = applyJsonPatch(document, [{ op: "remove", path: "/b" }])
    expect((result as typeof document).a).toBe(document.a)
  })
})

describe("failures", () => {
  test("a failed test is told apart and names operation and path", () => {
    const error = failure({ a: 1 }, [
      { op: "test", path: "/a", value: 1 },
      { op: "test", path: "/a", value: 2 },
    ])
    expect(error).toBeInstanceOf(JsonPatchTestError)
    expect(error).toMatchObject({ code: 422, index: 1, path: "/a" })
  })

  test.each([
    ["a missing parent", {}, { op: "add", path: "/a/b", value: 1 }],
    ["a missing member", {}, { op: "remove", path: "/a" }],
    ["an index past the end", [1], { op: "remove", path: "/1" }],
    ["an index that is none", [1], { op: "add", path: "/x", value: 1 }],
    ["a step into a scalar", { a: 1 }, { op: "add", path: "/a/b", value: 1 }],
    ["the root as a member", {}, { op: "add", path: "", value: 1 }],
    ["a move without source", {}, { op: "move", from: "/a", path: "/b" }],
    ["an unknown operation", {}, { op: "merge", path: "/a" }],
    ["an operation without path", {}, { op: "add", value: 1 }],
    ["a copy without from", {}, { op: "copy", path: "/a" }],
  ])("%s is unprocessable", (_, document, operation) => {
    const error = failure(document, [operation])
    expect(error).toBeInstanceOf(JsonPatchError)
    expect(error).not.toBeInstanceOf(JsonPatchTestError)
    expect(error).toMatchObject({ code: 422, index: 0 })
  })

  test("what is no list of objects is a bad request", () => {
    expect(failure({}, { op: "add" }).code).toBe(400)
    expect(failure({}, ["add"]).code).toBe(400)
  })
})

describe("hostile patches", () => {
  test("more than ten thousand operations are refused", () => {
    const operation = { op: "add", path: "/a", value: 1 }
    expect(
      applyJsonPatch(
        {},
        Array.from({ length: 10_000 }, () => operation),
      ),
    ).toEqual({ a: 1 })
    const error = failure(
      {},
      Array.from({ length: 10_001 }, () => operation),
    )
    expect(error.code).toBe(413)
    expect(error.message).toContain("got 10001")
  })

  test("copies that double the document stop at the limit", () => {
    const patch = Array.from({ length: 60 }, (_, index) => ({
      op: "copy",
      from: "/a",
      path: index % 2 === 0 ? "/a/x" : "/a/y",
    }))
    expect(failure({ a: { text: "x".repeat(1000) } }, patch).code).toBe(413)
  })

  test("nesting without end is refused", () => {
    const patch = Array.from({ length: 9998 }, (_, index) =>
      index % 2 === 0
        ? { op: "add", path: "/b", value: {} }
        : { op: "move", from: "/a", path: "/b/a" },
    ).flatMap((operation, index) =>
      index % 2 === 0 ? [operation] : [operation, { op: "move", from: "/b", path: "/a" }],
    )
    expect(failure({ a: {} }, patch.slice(0, 9999)).code).toBe(413)
  })

  test("a deeply nested value is refused, not followed", () => {
    let value: unknown = 1
    for (let depth = 0; depth < 100_000; depth += 1) value = [value]
    expect(failure({}, [{ op: "add", path: "/a", value }]).code).toBe(413)
    expect(failure({ a: value }, [{ op: "test", path: "/a", value }]).code).toBe(422)
  })

  test("names of prototypes are only names", () => {
    const patch = JSON.parse(
      `[{"op":"add","path":"/__proto__","value":{"polluted":1}},
        {"op":"add","path":"/__proto__/more","value":2},
        {"op":"add","path":"/constructor","value":3}]`,
    ) as unknown
    const result = applyJsonPatch({}, patch)
    expect(JSON.stringify(result)).toBe(`{"__proto__":{"polluted":1,"more":2},"constructor":3}`)
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined()
    expect(failure({}, [{ op: "add", path: "/constructor/x", value: 1 }]).code).toBe(422)
    expect(failure({}, [{ op: "remove", path: "/toString" }]).code).toBe(422)
  })
})

/** A small deterministic generator, so that a failing seed can be run again. */
function random(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state % below
  }
}

function randomValue(next: (below: number) => number, depth: number): unknown {
  const kind = next(depth > 0 ? 6 : 4)
  if (kind === 4) return Array.from({ length: next(4) }, () => randomValue(next, depth - 1))
  if (kind === 5) {
    const names = ["a", "b/c", "d~e", "0", "__proto__"]
    const members = Array.from({ length: next(4) }, () => [
      names[next(names.length)]!,
      randomValue(next, depth - 1),
    ])
    return JSON.parse(
      `{${members.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join(",")}}`,
    )
  }
  return [null, true, next(100), `s${next(10)}`][kind]
}

/** A patch that turns one value into another, item by item and member by member. */
function difference(from: unknown, to: unknown, path: string): object[] {
  if (Array.isArray(from) && Array.isArray(to)) {
    const common = Math.min(from.length, to.length)
    return [
      ...to.slice(0, common).flatMap((item, i) => difference(from[i], item, `${path}/${i}`)),
      ...from.slice(common).map(() => ({ op: "remove", path: `${path}/${common}` })),
      ...to.slice(common).map((value: unknown) => ({ op: "add", path: `${path}/-`, value })),
    ]
  }
  if (isObject(from) && isObject(to)) {
    const pathOf = (name: string): string =>
      `${path}/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`
    const gone = Object.keys(from).filter((name) => !Object.hasOwn(to, name))
    return [
      ...gone.map((name) => ({ op: "remove", path: pathOf(name) })),
      ...Object.entries(to).flatMap(([name, value]) =>
        Object.hasOwn(from, name)
          ? difference(from[name], value, pathOf(name))
          : [{ op: "add", path: pathOf(name), value }],
      ),
    ]
  }
  return [
    { op: "test", path, value: from },
    { op: "replace", path, value: to },
  ]
}

test("a patch made from the difference of two documents turns one into the other", () => {
  for (let seed = 0; seed < 500; seed += 1) {
    const next = random(seed)
    const from = { root: randomValue(next, 4) }
    const to = { root: randomValue(next, 4) }
    const text = JSON.stringify(from)
    const result = applyJsonPatch(from, difference(from, to, ""))
    expect(result, `seed ${seed}`).toEqual(to)
    expect(JSON.stringify(from)).toBe(text)
  }
})
