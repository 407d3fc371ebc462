import { expect, test } from "vitest"
import type { Schema } from "#schema"
import { restore } from "./restore.ts"

const schema: Schema = {
  properties: {
    keyed: {
      type: "array",
      "x-kubernetes-list-type": "map",
      "x-kubernetes-list-map-keys": ["name"],
      items: { type: "object" },
    },
    plain: { type: "array", items: { type: "object" } },
  },
}

const kept = {
  secret: 1,
  keyed: [
    { name: "a", old: 1, extra: "a" },
    { name: "b", old: 2, extra: "b" },
  ],
  plain: [
    { old: 1, extra: "x" },
    { old: 2, extra: "y" },
  ],
}
const carried = {
  keyed: [
    { name: "a", old: 1 },
    { name: "b", old: 2 },
  ],
  plain: [{ old: 1 }, { old: 2 }],
}

test("nothing changed: everything is back", () => {
  expect(restore(kept, carried, structuredClone(carried), schema)).toBe(kept)
})

test("a removed field stays removed, an added one is added", () => {
  const { keyed, plain } = carried
  expect(restore(kept, carried, { keyed, added: true }, schema)).toEqual({
    secret: 1,
    keyed: kept.keyed,
    added: true,
  })
  expect(restore(kept, carried, { plain }, schema)).toEqual({ secret: 1, plain: kept.plain })
})

test("items with keys are recognised wherever they stand", () => {
  const keyed = [{ name: "c" }, { name: "b", old: 3 }]
  expect(restore(kept, carried, { ...carried, keyed }, schema)).toEqual({
    ...kept,
    keyed: [{ name: "c" }, { name: "b", old: 3, extra: "b" }],
  })
})

test("items without keys are recognised by place, or by value when the length changed", () => {
  expect(restore(kept, carried, { ...carried, plain: [{ old: 9 }, { old: 2 }] }, schema)).toEqual({
    ...kept,
    plain: [
      { old: 9, extra: "x" },
      { old: 2, extra: "y" },
    ],
  })
  expect(restore(kept, carried, { ...carried, plain: [{ old: 2 }] }, schema)).toEqual({
    ...kept,
    plain: [{ old: 2, extra: "y" }],
  })
})
