import { a, apply, b, create, forced, merge, type Sequence } from "./steps.ts"

export const applySequences: readonly Sequence[] = [
  {
    name: "create by apply, apply again, drop a field",
    steps: [
      apply("one", { text: "a", labels: { x: "1", y: "1" } }),
      apply("one", { text: "a", labels: { x: "1", y: "1" } }),
      apply("one", { labels: { y: "1" } }),
      apply("one", {}, { empties: "surely" }),
    ],
  },
  {
    name: "two appliers share a field and give it up in turn",
    steps: [
      apply("one", { text: "a", number: 1 }),
      apply("two", { text: "a" }),
      apply("one", { number: 1 }),
      apply("two", { flag: true }),
    ],
  },
  {
    name: "conflicts, then force",
    steps: [
      apply("one", { text: "a", number: 1, items: [a({ v: 1 })] }),
      apply("two", { text: "b" }),
      apply("two", { text: "b", number: 2, items: [a({ v: 2 })] }),
      apply("two", { text: "b" }, forced),
      apply("one", { text: "a", number: 1, items: [a({ v: 1 })] }),
    ],
  },
  {
    name: "conflict with an update",
    steps: [
      create("editor", { spec: { text: "a", plain: ["x"] } }),
      apply("one", { text: "b" }),
      apply("one", { plain: ["y"] }),
      apply("one", { text: "b", plain: ["y"] }, forced),
    ],
  },
  {
    name: "conflicts with several managers",
    steps: [
      create("editor", { spec: { text: "a", number: 1 } }),
      apply("one", { flag: true }),
      apply("two", { text: "b", number: 2, flag: false }),
    ],
  },
  {
    name: "keyed lists",
    steps: [
      apply("one", { items: [a({ v: 1 }), b({ v: 1 })] }),
      apply("two", { items: [b({ w: 2 }), { name: "c", v: 3 }] }),
      apply("one", { items: [a({ v: 1 })] }),
      apply("one", { items: [{ name: "d" }, a({ v: 2 })] }),
      apply("two", {}),
    ],
  },
  {
    name: "lists in lists",
    steps: [
      apply("one", { items: [a({ tags: ["x", "y"] })] }),
      apply("two", { items: [a({ tags: ["z", "y"] })] }),
      apply("one", { items: [a({ tags: ["x"] })] }),
      apply("one", { items: [a()] }),
    ],
  },
  {
    name: "order of shared items",
    steps: [
      create("editor", { spec: { set: ["a", "b", "c", "d"], items: [a(), b(), { name: "c" }] } }),
      apply("one", { set: ["d", "x", "b"], items: [{ name: "c" }, a()] }),
      apply("one", { set: ["b", "d"], items: [{ name: "e" }, { name: "c" }] }),
    ],
  },
  {
    name: "sets of text and numbers",
    steps: [
      apply("one", { set: ["a", "b"], numbers: [1, 2] }),
      apply("two", { set: ["b", "c"], numbers: [2, 3] }),
      apply("one", { set: ["b"], numbers: [2] }),
      apply("two", {}),
    ],
  },
  {
    name: "keys with defaults",
    steps: [
      create("editor", {
        spec: {
          ports: [
            { port: 80, protocol: "TCP" },
            { port: 80, protocol: "UDP" },
          ],
        },
      }),
      apply("one", { ports: [{ port: 80, name: "web" }] }),
      apply("one", { ports: [{ port: 81, name: "web" }] }, { ownersOnly: true }),
      apply("two", { ports: [{ port: 80, protocol: "UDP", name: "dns" }] }),
    ],
  },
  {
    name: "atomic maps and lists",
    steps: [
      apply("one", { whole: { a: "1" }, plain: ["x"] }),
      apply("two", { whole: { b: "1" } }),
      apply("two", { whole: { b: "1" }, plain: ["x"] }, forced),
      apply("one", { plain: ["x"] }),
      apply("two", {}),
    ],
  },
  {
    name: "declared groups",
    steps: [
      apply("one", { group: { a: "1", inner: { c: "1" } } }),
      apply("two", { group: { b: "1" } }),
      apply("one", { group: { inner: { c: "2" } } }),
      apply("one", {}),
      apply("two", { text: "x" }),
    ],
  },
  {
    name: "maps of objects",
    steps: [
      apply("one", { table: { x: { a: "1" }, y: { a: "1" } } }),
      apply("two", { table: { x: { b: "1" } } }),
      apply("one", { table: { y: { a: "1" } } }),
      apply("one", { text: "x" }),
      apply("two", { text: "x" }),
    ],
  },
  {
    name: "unknown fields",
    steps: [
      apply("one", {
        open: { a: { b: 1 }, list: [{ x: 1 }] },
        half: { known: "1", other: { z: 1 } },
      }),
      apply("two", { open: { a: { c: 1 } }, half: { other: { y: 1 } } }),
      apply("one", { open: { list: [{ x: 2 }] }, half: { known: "2" } }),
      apply("two", { open: { list: [{ x: 3 }] } }),
      apply("one", { text: "x" }),
    ],
  },
  {
    name: "values of open types",
    steps: [
      apply("one", { either: 80, open: { v: 1 }, time: "2026-01-01T00:00:00Z" }),
      apply("one", { either: "http", open: { v: { w: 1 } }, time: "2026-01-02T00:00:00Z" }),
      apply("one", { either: 81, open: { v: [1] } }),
      apply("two", { either: 82 }),
    ],
  },
  {
    name: "an embedded resource",
    steps: [
      apply("one", {
        embedded: {
          apiVersion: "v1",
          kind: "X",
          metadata: { labels: { a: "1" } },
          data: { x: "1" },
        },
      }),
      apply("two", { embedded: { apiVersion: "v1", kind: "X", metadata: { labels: { b: "1" } } } }),
      apply("one", { embedded: { apiVersion: "v1", kind: "X", data: { x: "2" } } }),
    ],
  },
  {
    name: "labels, annotations, finalizers and owners",
    steps: [
      apply(
        "one",
        {},
        {
          body: {
            metadata: {
              labels: { a: "1" },
              finalizers: ["x.test/a"],
              ownerReferences: [{ apiVersion: "v1", kind: "ConfigMap", name: "o", uid: "u1" }],
            },
          },
        },
      ),
      apply(
        "two",
        {},
        {
          body: {
            metadata: {
              annotations: { b: "1" },
              finalizers: ["x.test/b"],
              ownerReferences: [{ apiVersion: "v1", kind: "ConfigMap", name: "p", uid: "u2" }],
            },
          },
        },
      ),
      merge("editor", { metadata: { labels: { a: "2", c: "1" }, finalizers: null } }),
      apply("one", {}, { body: { metadata: { labels: { a: "1" } } } }),
      apply("one", {}),
    ],
  },
]

export const misfitSequences: readonly Sequence[] = [
  {
    name: "configurations that do not fit",
    steps: [
      create("one", { spec: { text: "a" } }),
      ...[
        { nothing: 1 },
        { text: 1 },
        { number: "a" },
        { flag: "a" },
        { group: "a" },
        { group: { nothing: "a" } },
        { plain: { a: 1 } },
        { plain: ["a", 1] },
        { items: [{ v: 1 }] },
        { items: ["a"] },
        { items: [a(), a()] },
        { set: ["a", "a"] },
        { set: [null] },
        { whole: { nothing: "a" } },
      ].map((spec) => apply("two", spec)),
      apply("two", {}, { body: { metadata: { managedFields: [] } } }),
    ],
  },
]
