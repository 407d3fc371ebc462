import {
  a,
  apply,
  b,
  create,
  forced,
  json,
  merge,
  status,
  update,
  type Part,
  type Sequence,
} from "./steps.ts"

export const updateSequences: readonly Sequence[] = [
  {
    name: "create, update, take over, remove",
    steps: [
      create("one", { spec: { text: "a", labels: { x: "1" }, items: [a({ v: 1 })] } }),
      update("two", (object) => ({ ...object, spec: { ...object.spec, text: "b", number: 1 } })),
      update("one", ({ spec, ...object }) => ({ ...object, spec: { ...spec, number: undefined } })),
      update("two", (object) => ({ ...object, spec: { items: [b({ v: 1 }), a({ v: 2 })] } })),
    ],
  },
  {
    name: "nothing changes",
    steps: [
      create("one", { spec: { text: "a" } }),
      update("two", (object) => object),
      merge("two", { spec: { text: "a" } }),
      json("two", { op: "test", path: "/spec/text", value: "a" }),
    ],
  },
  {
    name: "merge patches",
    steps: [
      create("one", { spec: { group: { a: "1", b: "1" }, set: ["a"] } }),
      merge("two", { spec: { group: { a: null, inner: { c: "1" } }, set: ["b"] } }),
      merge("three", { spec: { group: null } }),
      merge("three", { spec: { labels: {} } }),
      merge("three", { spec: { labels: { x: "1" } } }),
      merge("three", { spec: { labels: { x: null } } }),
    ],
  },
  {
    name: "JSON patches",
    steps: [
      create("one", { spec: { plain: ["a"], items: [a({ v: 1 }), b({ v: 1 })] } }),
      json(
        "two",
        { op: "add", path: "/spec/plain/-", value: "b" },
        { op: "remove", path: "/spec/items/0" },
      ),
      json("two", { op: "replace", path: "/spec/number", value: 1 }),
      json(
        "two",
        { op: "copy", from: "/spec/items/0", path: "/spec/whole" },
        { op: "move", from: "/spec/whole/name", path: "/spec/text" },
        { op: "remove", path: "/spec/whole" },
      ),
      json("two", { op: "add", path: "/spec/plain/-1", value: "c" }),
      json("two", { op: "test", path: "/spec/text", value: "x" }),
      json("two", { op: "remove", path: "/spec/nothing" }),
      json("two", { op: "add", path: "/spec/no/way", value: 1 }),
    ],
  },
  {
    name: "apply and update by turns",
    steps: [
      apply("one", { text: "a", items: [a({ v: 1 })] }),
      merge("editor", { spec: { text: "b", number: 1 } }),
      apply("one", { text: "a", items: [a({ v: 1 })] }),
      apply("one", { text: "a", items: [a({ v: 1 })] }, forced),
      json("editor", { op: "replace", path: "/spec/items/0/v", value: 2 }),
      apply("one", { text: "a" }, { empties: "surely" }),
    ],
  },
  {
    name: "one name applies and updates",
    steps: [
      apply("one", { text: "a", number: 1 }),
      merge("one", { spec: { text: "b" } }),
      apply("one", { text: "a", number: 1 }),
      apply("one", { number: 1 }),
    ],
  },
  {
    name: "edited managedFields",
    steps: [
      create("one", { spec: { text: "a" } }),
      update("two", (object) => ({
        ...object,
        spec: { ...object.spec, number: 1 },
        metadata: {
          ...object.metadata,
          managedFields: (object.metadata["managedFields"] as Part[]).map((entry) => ({
            ...entry,
            manager: "renamed",
          })),
        },
      })),
      apply("three", { text: "b" }),
    ],
  },
  {
    name: "forgotten managedFields",
    steps: [
      create("one", { spec: { text: "a", labels: { x: "1" } } }),
      merge("two", { metadata: { managedFields: [{}] } }),
      merge("two", { spec: { number: 1 } }),
      apply("three", { text: "b" }),
      apply("three", { text: "b" }, forced),
      apply("three", { number: 1 }),
    ],
  },
  {
    name: "the status",
    steps: [
      create("one", { spec: { text: "a" } }),
      merge("one", { spec: { number: 1 }, status: { phase: "x" } }, { ownersOnly: true }),
      merge("two", { spec: { text: "b" }, status: { phase: "y" } }, status),
      apply(
        "three",
        { text: "c" },
        {
          ...status,
          body: { status: { phase: "y", conditions: [{ type: "A", status: "True" }] } },
        },
      ),
      apply(
        "four",
        {},
        {
          ...status,
          body: { status: { conditions: [{ type: "A", status: "False" }] } },
        },
      ),
      apply(
        "four",
        {},
        {
          ...status,
          body: { status: { conditions: [{ type: "B", status: "False" }] } },
        },
      ),
      apply("three", {}, { ...status, body: { status: {} } }),
      merge("one", { status: { phase: "z" }, spec: { text: "d" } }, { ownersOnly: true }),
    ],
  },
  {
    name: "more managers than are kept",
    steps: Array.from({ length: 13 }, (_, index) =>
      index === 0
        ? create("m0", { spec: { labels: { k0: "1" } } })
        : merge(`m${index}`, { spec: { labels: { [`k${index}`]: "1" } } }),
    ),
  },
  {
    name: "items that share a key",
    steps: [
      create("one", { spec: { open: { list: [a(), a()] } } }),
      apply("two", { items: [a(), a()] }),
      apply("two", { set: ["x", "x"] }),
    ],
  },
]
