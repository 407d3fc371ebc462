import { deepFreeze } from "#base"
import { describe, expect, test } from "vitest"
import type { Definitions, Schema } from "#schema"
import { PatchError } from "./patch-error.ts"
import { applyStrategicMergePatch } from "./strategic-merge-patch.ts"

const definitions: Definitions = {
  Item: {
    type: "object",
    properties: {
      name: { type: "string" },
      value: { type: "string" },
      other: { type: "string" },
      flags: { type: "array", items: { type: "string" }, "x-kubernetes-patch-strategy": "merge" },
      nested: {
        type: "array",
        items: { $ref: "#/definitions/Item" },
        "x-kubernetes-patch-strategy": "merge",
        "x-kubernetes-patch-merge-key": "name",
      },
    },
  },
}

const schema: Schema = {
  type: "object",
  properties: {
    items: {
      type: "array",
      items: { $ref: "#/definitions/Item" },
      "x-kubernetes-patch-strategy": "merge",
      "x-kubernetes-patch-merge-key": "name",
    },
    atomic: { type: "array", items: { $ref: "#/definitions/Item" } },
    flags: { type: "array", items: { type: "string" }, "x-kubernetes-patch-strategy": "merge" },
    numbers: { type: "array", items: { type: "integer" }, "x-kubernetes-patch-strategy": "merge" },
    plain: { type: "array", items: { type: "string" } },
    labels: { type: "object", additionalProperties: { type: "string" } },
    strategy: {
      type: "object",
      properties: { type: { type: "string" }, rolling: { type: "object" } },
      "x-kubernetes-patch-strategy": "retainKeys",
    },
    whole: {
      type: "object",
      properties: { a: { type: "string" }, b: { type: "string" } },
      "x-kubernetes-patch-strategy": "replace",
    },
    keyless: {
      type: "array",
      items: { type: "object" },
      "x-kubernetes-patch-strategy": "merge",
    },
  },
}

function patched(original: object, patch: unknown): unknown {
  return applyStrategicMergePatch(deepFreeze(original), deepFreeze(patch), schema, definitions)
}

const a = { name: "a", value: "1" }
const b = { name: "b", value: "1" }
const c = { name: "c", value: "1" }
const d = { name: "d", value: "1" }

describe("objects", () => {
  test.each<[string, object, object, object]>([
    [
      "members merge and nulls remove",
      { labels: { x: "1", y: "1" } },
      { labels: { x: null, z: "1" } },
      { labels: { y: "1", z: "1" } },
    ],
    [
      "nulls for what is absent leave nothing behind",
      {},
      { labels: { x: null }, whole: null },
      { labels: {} },
    ],
    [
      "$patch delete empties an object",
      { labels: { x: "1" } },
      { labels: { $patch: "delete" } },
      { labels: {} },
    ],
    [
      "$patch replace replaces an object",
      { labels: { x: "1" } },
      { labels: { $patch: "replace", y: "1" } },
      { labels: { y: "1" } },
    ],
    [
      "$patch replace replaces the whole object",
      { labels: { x: "1" } },
      { $patch: "replace", whole: { a: "1" } },
      { whole: { a: "1" } },
    ],
    ["a directive for an absent object does nothing", {}, { labels: { $patch: "delete" } }, {}],
    [
      "fields with the replace strategy are replaced",
      { whole: { a: "1" } },
      { whole: { b: "1" } },
      { whole: { b: "1" } },
    ],
    ["a value of another type replaces", { labels: { x: "1" } }, { labels: "x" }, { labels: "x" }],
    [
      "$retainKeys drops all other members",
      { strategy: { type: "Rolling", rolling: { n: 1 } } },
      { strategy: { type: "Recreate", $retainKeys: ["type"] } },
      { strategy: { type: "Recreate" } },
    ],
    [
      "$retainKeys keeps what it names",
      { strategy: { type: "Rolling", rolling: { n: 1 } } },
      { strategy: { rolling: { n: 2 }, $retainKeys: ["type", "rolling"] } },
      { strategy: { type: "Rolling", rolling: { n: 2 } } },
    ],
  ])("%s", (_, original, patch, expected) => {
    expect(patched(original, patch)).toEqual(expected)
  })

  test("metadata merges as Kubernetes says for every kind", () => {
    const original = {
      metadata: { finalizers: ["a/b"], ownerReferences: [{ uid: "1", name: "x" }] },
    }
    const result = patched(original, { metadata: { finalizers: ["c/d"], labels: { l: "1" } } })
    expect(result).toEqual({
      metadata: {
        finalizers: ["c/d", "a/b"],
        ownerReferences: [{ uid: "1", name: "x" }],
        labels: { l: "1" },
      },
    })
  })
})

describe("lists of objects", () => {
  test.each<[string, object, object, object]>([
    [
      "items merge by key",
      { items: [a, b] },
      { items: [{ name: "b", other: "2" }] },
      { items: [a, { ...b, other: "2" }] },
    ],
    ["new items come first", { items: [a, b] }, { items: [c] }, { items: [c, a, b] }],
    [
      "a null removes a member of an item",
      { items: [a] },
      { items: [{ name: "a", value: null }] },
      { items: [{ name: "a" }] },
    ],
    [
      "$patch delete takes an item",
      { items: [a, b] },
      { items: [{ name: "a", $patch: "delete" }] },
      { items: [b] },
    ],
    [
      "$patch delete of an absent item is fine",
      { items: [a] },
      { items: [{ name: "b", $patch: "delete" }] },
      { items: [a] },
    ],
    [
      "$patch replace replaces the list",
      { items: [a, b] },
      { items: [{ $patch: "replace" }, c] },
      { items: [c] },
    ],
    [
      "$patch replace alone empties the list",
      { items: [a, b] },
      { items: [{ $patch: "replace" }] },
      { items: [] },
    ],
    [
      "lists in items merge too",
      { items: [{ name: "a", flags: ["x"], nested: [b] }] },
      { items: [{ name: "a", flags: ["y"], nested: [c] }] },
      { items: [{ name: "a", flags: ["y", "x"], nested: [c, b] }] },
    ],
    [
      "a list that is absent is added without directives",
      {},
      { items: [a, { name: "b", $patch: "delete" }] },
      { items: [a] },
    ],
    ["lists without strategy are replaced", { atomic: [a, b] }, { atomic: [c] }, { atomic: [c] }],
    ["an empty patch changes nothing", { items: [a] }, { items: [] }, { items: [a] }],
  ])("%s", (_, original, patch, expected) => {
    expect(patched(original, patch)).toEqual(expected)
  })
})

describe("lists of scalars", () => {
  test.each<[string, object, object, object]>([
    [
      "items of the patch come first",
      { flags: ["a/b"] },
      { flags: ["c/d"] },
      { flags: ["c/d", "a/b"] },
    ],
    [
      "items of both stand once",
      { flags: ["x", "y"] },
      { flags: ["y", "z"] },
      { flags: ["x", "y", "z"] },
    ],
    [
      "$deleteFromPrimitiveList takes items",
      { flags: ["x", "y"] },
      { "$deleteFromPrimitiveList/flags": ["x"] },
      { flags: ["y"] },
    ],
    [
      "adding and taking go together",
      { flags: ["x", "y"] },
      { flags: ["z"], "$deleteFromPrimitiveList/flags": ["x"] },
      { flags: ["z", "y"] },
    ],
    [
      "taking from an absent list does nothing",
      {},
      { "$deleteFromPrimitiveList/flags": ["x"] },
      {},
    ],
    [
      "numbers are items too",
      { numbers: [1, 2] },
      { numbers: [3], "$deleteFromPrimitiveList/numbers": [1] },
      { numbers: [3, 2] },
    ],
    ["lists without strategy are replaced", { plain: ["x"] }, { plain: ["y"] }, { plain: ["y"] }],
  ])("%s", (_, original, patch, expected) => {
    expect(patched(original, patch)).toEqual(expected)
  })
})

describe("$setElementOrder", () => {
  const names = (...items: { name: string }[]): object[] => items.map(({ name }) => ({ name }))
  test.each<[string, object, object, object]>([
    [
      "sorts without changing items",
      { items: [a, b, c] },
      { "$setElementOrder/items": names(c, a, b) },
      { items: [c, a, b] },
    ],
    [
      "keeps others between those they stood between",
      { items: [a, d, b] },
      { "$setElementOrder/items": names(b, a) },
      { items: [d, b, a] },
    ],
    [
      "merges and sorts",
      { items: [a, b] },
      { items: [c], "$setElementOrder/items": names(c, b, a) },
      { items: [c, b, a] },
    ],
    [
      "deletes and sorts",
      { items: [a, b, c] },
      { items: [{ name: "a", $patch: "delete" }], "$setElementOrder/items": names(c, b) },
      { items: [c, b] },
    ],
    [
      "puts what takes the place of a deleted item behind what the order leaves out",
      { items: [a, b] },
      {
        items: [{ name: "a", $patch: "delete" }, c],
        "$setElementOrder/items": names(c),
      },
      { items: [b, c] },
    ],
    [
      "sorts scalars",
      { flags: ["x", "y", "z"] },
      { flags: ["w"], "$setElementOrder/flags": ["w", "z", "x"] },
      { flags: ["w", "y", "z", "x"] },
    ],
    [
      "sorts a list that the patch adds",
      {},
      { items: [a, b], "$setElementOrder/items": names(a, b) },
      { items: [a, b] },
    ],
    [
      "works beside $deleteFromPrimitiveList",
      { flags: ["x", "y"] },
      {
        flags: ["z"],
        "$deleteFromPrimitiveList/flags": ["x"],
        "$setElementOrder/flags": ["y", "z"],
      },
      { flags: ["y", "z"] },
    ],
    ["does nothing without a list", {}, { "$setElementOrder/items": names(a) }, {}],
  ])("%s", (_, original, patch, expected) => {
    expect(patched(original, patch)).toEqual(expected)
  })
})

describe("patches that cannot be applied", () => {
  test.each<[string, object, object, number]>([
    ["an unknown directive", { labels: {} }, { labels: { $patch: "merge" } }, 422],
    [
      "an unknown directive in a list",
      { items: [a] },
      { items: [{ name: "a", $patch: "x" }] },
      422,
    ],
    ["an item without its key", { items: [a] }, { items: [{ value: "1" }] }, 422],
    ["a stored item without its key", { items: [{ value: "1" }] }, { items: [a] }, 422],
    ["a list to merge without a key", { keyless: [a] }, { keyless: [b] }, 422],
    ["items of several types", { flags: ["x"] }, { flags: [1] }, 422],
    ["lists of lists", { flags: [["x"]] }, { flags: ["x"] }, 422],
    [
      "members beside $retainKeys",
      { strategy: {} },
      { strategy: { type: "x", $retainKeys: [] } },
      400,
    ],
    [
      "an order that items do not follow",
      { items: [a] },
      { items: [b, c], "$setElementOrder/items": [{ name: "c" }, { name: "b" }] },
      422,
    ],
    [
      "items that the order leaves out",
      { items: [a] },
      { items: [b], "$setElementOrder/items": [{ name: "a" }] },
      422,
    ],
    ["an order that is no list", { items: [a] }, { "$setElementOrder/items": "a" }, 400],
  ])("%s", (_, original, patch, code) => {
    let error: unknown
    try {
      patched(original, patch)
    } catch (thrown) {
      error = thrown
    }
    expect(error).toBeInstanceOf(PatchError)
    expect((error as PatchError).code).toBe(code)
  })

  test("nesting without end", () => {
    let patch: unknown = {}
    for (let depth = 0; depth < 100_000; depth += 1) patch = { a: patch }
    expect(() => applyStrategicMergePatch({}, patch, schema)).toThrow(PatchError)
  })
})

test("names of prototypes are only names", () => {
  const patch = JSON.parse(`{"__proto__":{"polluted":"1"},"constructor":{"x":"1"}}`) as unknown
  expect(JSON.stringify(applyStrategicMergePatch({}, patch, schema))).toBe(
    `{"__proto__":{"polluted":"1"},"constructor":{"x":"1"}}`,
  )
  expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined()
})

test("long lists take time in proportion to their length", () => {
  const many = Array.from({ length: 50_000 }, (_, index) => ({ name: `n${index}`, value: "1" }))
  const half = many.filter((_, index) => index % 2 === 0).map(({ name }) => ({ name, value: "2" }))
  const result = applyStrategicMergePatch({ items: many }, { items: half }, schema, definitions)
  const items = (result as { items: { value: string }[] }).items
  expect(items).toHaveLength(50_000)
  expect(items.filter(({ value }) => value === "2")).toHaveLength(25_000)
})
