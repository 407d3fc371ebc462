import { describe, expect, test } from "vitest"
import {
  difference,
  differenceBelow,
  equalSets,
  type FieldSet,
  FieldSetBuilder,
  hasPath,
  intersection,
  pathsOf,
  sortSet,
  union,
} from "./field-set.ts"
import { canonicalSet, FieldSetFormatError, keyElement, pathText } from "./path-element.ts"

function setOf(...paths: string[][]): FieldSet {
  const builder = new FieldSetBuilder()
  for (const path of paths) builder.add(path)
  return builder.set
}

function random(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return (state >>> 8) % below
  }
}

const elements = ["f:a", "f:b", "f:c", 'k:{"name":"a"}', 'v:"x"', "f:."]

function randomPaths(next: (below: number) => number): string[][] {
  return Array.from({ length: next(12) }, () =>
    Array.from({ length: 1 + next(4) }, () => elements[next(elements.length)]!),
  )
}

/** A set as a plain list of path texts: the model that the trie is checked against. */
function texts(set: FieldSet): Set<string> {
  return new Set(pathsOf(set).map((path) => path.join("/")))
}

test("set operations agree with sets of paths", () => {
  for (let seed = 0; seed < 1000; seed += 1) {
    const next = random(seed)
    const leftPaths = randomPaths(next)
    const rightPaths = randomPaths(next)
    const left = setOf(...leftPaths)
    const right = setOf(...rightPaths)
    const before = JSON.stringify([left, right])
    const [a, b] = [texts(left), texts(right)]
    expect(a).toEqual(new Set(leftPaths.map((path) => path.join("/"))))
    const below = [...a].filter(
      (path) => ![...b].some((member) => path === member || path.startsWith(`${member}/`)),
    )
    const results: [string, FieldSet, Set<string>][] = [
      ["union", union(left, right), a.union(b)],
      ["intersection", intersection(left, right), a.intersection(b)],
      ["difference", difference(left, right), a.difference(b)],
      ["difference below", differenceBelow(left, right), new Set(below)],
    ]
    for (const [name, result, expected] of results) {
      const what = `${name}, seed ${seed}`
      expect(texts(result), what).toEqual(expected)
      // Equal sets have equal tries, however they were made.
      const paths = [...expected].map((path) => path.split("/"))
      expect(equalSets(result, setOf(...paths)), what).toBe(true)
      expect(equalSets(canonicalSet(structuredClone(result)), result), what).toBe(true)
    }
    expect(union(left, right)).toEqual(union(right, left))
    expect(union(difference(left, right), intersection(left, right))).toEqual(left)
    for (const path of leftPaths) expect(hasPath(left, path)).toBe(true)
    expect(JSON.stringify([left, right])).toBe(before)
  }
})

describe("sharing", () => {
  const set = setOf(["f:a"], ["f:a", "f:b"], ["f:c"])
  test("operations that change nothing return their operand", () => {
    expect(union(set, setOf(["f:a", "f:b"]))).toBe(set)
    expect(difference(set, setOf(["f:x"], ["f:c", "f:y"]))).toBe(set)
    expect(differenceBelow(set, setOf(["f:x"]))).toBe(set)
    expect(sortSet(set)).toBe(set)
    expect(canonicalSet(set)).toBe(set)
  })
})

test("sorting puts fields before keys before values, whatever was inserted first", () => {
  const set = setOf(["i:0"], ['v:"a"'], ["f:b"], ['k:{"n":1}', "f:z"], ["f:a"], ['k:{"n":1}'])
  expect(JSON.stringify(sortSet(set))).toBe(
    String.raw`{"f:a":{},"f:b":{},"k:{\"n\":1}":{".":{},"f:z":{}},"v:\"a\"":{},"i:0":{}}`,
  )
})

describe("reading tries", () => {
  test("every spelling of an element becomes one", () => {
    const set = canonicalSet({ 'k:{"b":1.0, "a":"x"}': {}, 'v: "y"': {}, "i:07": {} })
    expect(Object.keys(set)).toEqual(['k:{"a":"x","b":1}', 'v:"y"', "i:7"])
  })

  test("members that say only that they are members are leaves", () => {
    expect(canonicalSet({ "f:a": { ".": {} }, "f:b": null })).toEqual({ "f:a": {}, "f:b": {} })
  })

  test("elements of unknown kinds are left out", () => {
    expect(canonicalSet({ "x:a": {}, "f:a": { "y:b": {} }, ".": {} })).toEqual({ "f:a": {} })
  })

  test.each([
    ["a trie that is a list", []],
    ["a key without colon", { fa: {} }],
    ["a short key", { f: {} }],
    ["a key element that is no object", { "k:1": {} }],
    ["a key element that is no JSON", { "k:{": {} }],
    ["a value element with more behind it", { "v:1 2": {} }],
    ["an index that is none", { "i:x": {} }],
    ["a child that is no object", { "f:a": 1 }],
  ])("%s is an error", (_, trie) => {
    expect(() => canonicalSet(trie)).toThrow(FieldSetFormatError)
  })

  test("a trie nested without end is an error", () => {
    let trie: object = {}
    for (let depth = 0; depth < 50_000; depth += 1) trie = { "f:a": trie }
    expect(() => canonicalSet(trie)).toThrow(FieldSetFormatError)
  })

  test("a field named like a prototype is a field", () => {
    const trie = JSON.parse(`{"f:__proto__":{"f:constructor":{}}}`) as unknown
    expect(texts(canonicalSet(trie))).toEqual(new Set(["f:__proto__/f:constructor"]))
  })
})

test("paths read as in messages", () => {
  const key = keyElement([
    ["protocol", "TCP"],
    ["port", 80],
  ])
  expect(pathText(["f:spec", "f:ports", key, 'v:"x"', "i:0"])).toBe(
    '.spec.ports[port=80,protocol="TCP"][="x"][0]',
  )
})

test("elements are escaped as Go does, so that they are found again", () => {
  expect(keyElement([["name", "<a&b>"]])).toBe(String.raw`k:{"name":"\u003ca\u0026b\u003e"}`)
})
