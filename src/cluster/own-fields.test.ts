import type { ApiObject } from "#meta"
import { expect, test } from "vitest"
import { patchToOwn } from "./own-fields.ts"

type Target = ApiObject & { readonly spec?: unknown }

/** An object of which the manager `me` has set some fields. */
function anObject(
  metadata: Partial<Target["metadata"]>,
  spec: unknown,
  fieldsV1: Record<string, never> | object,
): Target {
  return {
    apiVersion: "v1",
    kind: "X",
    metadata: {
      name: "x",
      ...metadata,
      managedFields: [
        { manager: "me", operation: "Update", fieldsV1: fieldsV1 as never },
        { manager: "you", operation: "Update", fieldsV1: { "f:spec": { "f:theirs": {} } } },
      ],
    },
    spec,
  }
}

const ownLabels = { "f:metadata": { "f:labels": { "f:old": {}, "f:kept": {} } } }

test("labels are set, those that we set and want no more go, those of others stay", () => {
  const object = anObject({ labels: { old: "1", kept: "1", foreign: "1" } }, {}, ownLabels)
  const wanted = { labels: { kept: "1", added: "2" }, annotations: {} }
  expect(patchToOwn(object, "me", wanted)?.body).toEqual({
    metadata: { labels: { added: "2", old: null } },
  })
})

test("an object that is as it should be needs no patch", () => {
  const object = anObject({ labels: { kept: "1", foreign: "1" } }, { size: 3 }, ownLabels)
  const wanted = { labels: { kept: "1" }, annotations: {}, spec: { size: 3, gone: undefined } }
  expect(patchToOwn(object, "me", wanted)).toBeUndefined()
})

test.each([
  ["a changed member", { spec: { size: 3 }, wanted: { size: 4 }, expected: { size: 4 } }],
  [
    "a member of ours",
    {
      spec: { size: 3, x: 1 },
      owned: { "f:size": {} },
      wanted: { size: undefined },
      expected: { size: null },
    },
  ],
  ["a member of others", { spec: { size: 3 }, wanted: { size: undefined }, expected: undefined }],
  [
    "a nested member",
    {
      spec: { inner: { a: 1, b: 2 } },
      owned: { "f:inner": { "f:a": {} } },
      wanted: { inner: { a: undefined, b: 3 } },
      expected: { inner: { a: null, b: 3 } },
    },
  ],
  [
    "the last member of an object",
    {
      spec: { inner: { a: 1 } },
      owned: { "f:inner": { "f:a": {} } },
      wanted: { inner: { a: undefined } },
      expected: { inner: null },
    },
  ],
  [
    "an object that is not there yet",
    { spec: {}, wanted: { inner: { a: 1 } }, expected: { inner: { a: 1 } } },
  ],
  ["a list", { spec: { list: [1, 2] }, wanted: { list: [1] }, expected: { list: [1] } }],
] as const)("%s is patched rightly", (_name, row) => {
  const owned = "owned" in row ? row.owned : {}
  const object = anObject({}, row.spec, { "f:spec": owned })
  const patch = patchToOwn(object, "me", { labels: {}, annotations: {}, spec: row.wanted })
  expect(patch?.body.spec).toEqual(row.expected)
})
