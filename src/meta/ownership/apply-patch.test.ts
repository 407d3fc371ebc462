import { deepFreeze, type JsonObject } from "#base"
import type { Schema } from "#schema"
import { describe, expect, test } from "vitest"
import { ApiError } from "../api-error.ts"
import type { ManagedFieldsEntry } from "../object-meta.ts"
import {
  type AppliedObject,
  ApplyError,
  applyPatch,
  applyPatchOrThrow,
  type ApplyRequest,
} from "./apply-patch.ts"
import { lastAppliedAnnotation } from "./last-applied.ts"
import { trackUpdate } from "./track-update.ts"

const start = Date.parse("2026-01-01T00:00:00Z")
const at = (seconds: number): string =>
  new Date(start + seconds * 1000).toISOString().replace(".000", "")

const schema: Schema = {
  type: "object",
  properties: {
    spec: {
      type: "object",
      properties: {
        text: { type: "string" },
        number: { type: "integer" },
        flag: { type: "boolean" },
        labels: { type: "object", additionalProperties: { type: "string" } },
        set: { type: "array", items: { type: "string" }, "x-kubernetes-list-type": "set" },
        plain: { type: "array", items: { type: "string" } },
        items: {
          type: "array",
          items: {
            type: "object",
            properties: {
              name: { type: "string" },
              v: { type: "integer" },
              w: { type: "integer" },
            },
          },
          "x-kubernetes-list-type": "map",
          "x-kubernetes-list-map-keys": ["name"],
        },
        ports: {
          type: "array",
          items: {
            type: "object",
            properties: {
              port: { type: "integer" },
              protocol: { type: "string", default: "TCP" },
              name: { type: "string" },
            },
          },
          "x-kubernetes-list-type": "map",
          "x-kubernetes-list-map-keys": ["port", "protocol"],
        },
        whole: {
          type: "object",
          properties: { a: { type: "string" }, b: { type: "string" } },
          "x-kubernetes-map-type": "atomic",
        },
        group: {
          type: "object",
          properties: { a: { type: "string" }, b: { type: "string" } },
        },
        open: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
        intOrString: { "x-kubernetes-int-or-string": true },
      },
    },
    status: { type: "object", properties: { phase: { type: "string" } } },
  },
}

/** An object on a server that applies and updates, each step a second after the one before. */
class Stored {
  object: JsonObject | undefined
  seconds = 0
  readonly #schema: Schema | undefined

  constructor(kindSchema: Schema | undefined = schema) {
    this.#schema = kindSchema
  }

  request(manager: string, spec: JsonObject, more: Partial<ApplyRequest> = {}): ApplyRequest {
    this.seconds += 1
    const config = { apiVersion: "t.io/v1", kind: "T", metadata: { name: "o" }, spec }
    return deepFreeze({
      live: this.object,
      config,
      manager,
      subresource: "",
      force: false,
      nowMs: start + this.seconds * 1000,
      apiVersion: "t.io/v1",
      schema: this.#schema,
      ...more,
    })
  }

  apply(manager: string, spec: JsonObject, more: Partial<ApplyRequest> = {}): AppliedObject {
    const applied = applyPatchOrThrow(this.request(manager, spec, more))
    this.object = deepFreeze(applied.object)
    return applied
  }

  update(manager: string, spec: JsonObject): void {
    this.seconds += 1
    const metadata = (this.object?.["metadata"] ?? {}) as JsonObject
    const next = {
      apiVersion: "t.io/v1",
      kind: "T",
      metadata: { ...metadata, name: "o", uid: "u" },
      spec,
    }
    const managedFields = trackUpdate({
      old: this.object,
      new: next,
      manager,
      subresource: "",
      nowMs: start + this.seconds * 1000,
      apiVersion: "t.io/v1",
      schema: this.#schema,
    })
    this.object = deepFreeze({ ...next, metadata: { ...next.metadata, managedFields } } as never)
  }

  get spec(): unknown {
    return this.object?.["spec"]
  }

  get entries(): readonly ManagedFieldsEntry[] {
    const metadata = (this.object?.["metadata"] ?? {}) as {
      managedFields?: readonly ManagedFieldsEntry[]
    }
    return metadata.managedFields ?? []
  }

  fields(manager: string): unknown {
    return this.entries.find((entry) => entry.manager === manager)?.fieldsV1
  }

  conflicts(manager: string, spec: JsonObject): ApiError {
    try {
      applyPatchOrThrow(this.request(manager, spec))
    } catch (error) {
      if (error instanceof ApiError) return error
      throw error
    }
    throw new Error("the apply had no conflict")
  }
}

describe("applying", () => {
  test("creates an object whose applier owns what it said, and nothing that identifies it", () => {
    const stored = new Stored()
    stored.apply("one", { text: "a", labels: { x: "1" } })
    expect(stored.spec).toEqual({ text: "a", labels: { x: "1" } })
    expect(stored.entries).toEqual([
      {
        manager: "one",
        operation: "Apply",
        apiVersion: "t.io/v1",
        time: at(1),
        fieldsType: "FieldsV1",
        fieldsV1: { "f:spec": { "f:labels": { "f:x": {} }, "f:text": {} } },
      },
    ])
  })

  test("again the same gives back the very object", () => {
    const stored = new Stored()
    stored.apply("one", { text: "a", items: [{ name: "x", v: 1 }] })
    const before = stored.object
    const applied = stored.apply("one", { text: "a", items: [{ name: "x", v: 1 }] })
    expect(applied.object).toBe(before)
  })

  test("removes what the applier no longer says and nobody else owns", () => {
    const stored = new Stored()
    stored.apply("one", { text: "a", number: 1, labels: { x: "1", y: "1" }, group: { a: "1" } })
    stored.apply("one", { number: 1, labels: { y: "1" } })
    expect(stored.spec).toEqual({ number: 1, labels: { y: "1" } })
    expect(stored.fields("one")).toEqual({
      "f:spec": { "f:labels": { "f:y": {} }, "f:number": {} },
    })
  })

  test("keeps what another manager also says, and both own it", () => {
    const stored = new Stored()
    stored.apply("one", { text: "a", number: 1 })
    stored.apply("two", { text: "a" })
    stored.apply("one", { number: 1 })
    expect(stored.spec).toEqual({ text: "a", number: 1 })
    expect(stored.fields("one")).toEqual({ "f:spec": { "f:number": {} } })
    expect(stored.fields("two")).toEqual({ "f:spec": { "f:text": {} } })
    stored.apply("two", {})
    expect(stored.spec).toEqual({ number: 1 })
  })

  test("a manager who comes to share a field gets an entry without time, as the object did not change", () => {
    const stored = new Stored()
    stored.apply("one", { text: "a" })
    stored.apply("two", { text: "a" })
    expect(stored.entries.map(({ manager, time }) => [manager, time])).toEqual([
      ["two", undefined],
      ["one", at(1)],
    ])
  })

  test("leaves alone what it never mentioned", () => {
    const stored = new Stored()
    stored.update("editor", { group: { b: "2" }, plain: ["x"] })
    stored.apply("one", { group: { a: "1" } })
    stored.apply("one", {})
    expect(stored.spec).toEqual({ group: { b: "2" }, plain: ["x"] })
  })

  test("a defaulted neighbour of a removed field stays while what is around them does", () => {
    const stored = new Stored()
    stored.apply("one", { text: "x", group: { a: "1" } })
    stored.object = {
      ...stored.object,
      spec: { text: "x", number: 7, group: { a: "1", b: "defaulted" } },
    }
    stored.apply("one", { text: "x" })
    expect(stored.spec).toEqual({ text: "x", number: 7 })
  })

  test("what one applier wants empty is empty when another gives up what was in it", () => {
    const stored = new Stored()
    stored.apply("one", { labels: {}, open: { a: {} } })
    stored.apply("two", { labels: { x: "1" }, open: { a: { b: 1 } } })
    stored.apply("two", {})
    expect(stored.spec).toEqual({ labels: {}, open: { a: {} } })
  })

  test("what an update left behind does not outlive its content", () => {
    const stored = new Stored()
    stored.update("editor", { text: "a", labels: { x: "1" } })
    stored.apply("one", { labels: { x: "2" } }, { force: true })
    stored.apply("one", {})
    expect(stored.spec).toEqual({ text: "a" })
    expect(stored.fields("editor")).toEqual({ "f:spec": { ".": {}, "f:text": {} } })
  })
})

describe("conflicts", () => {
  test("one conflict names the manager, its version and the field", () => {
    const stored = new Stored()
    stored.update("editor", { items: [{ name: "a", v: 1 }] })
    const error = stored.conflicts("one", { items: [{ name: "a", v: 2 }] })
    expect(error).toMatchObject({ code: 409, reason: "Conflict" })
    expect(error.message).toBe(
      `Apply failed with 1 conflict: conflict with "editor" using t.io/v1: .spec.items[name="a"].v`,
    )
    expect(error.details).toEqual({
      causes: [
        {
          reason: "FieldManagerConflict",
          message: `conflict with "editor" using t.io/v1`,
          field: `.spec.items[name="a"].v`,
        },
      ],
    })
  })

  test("several conflicts are listed by manager", () => {
    const stored = new Stored()
    stored.update("editor", { text: "a", number: 1 })
    stored.apply("two", { flag: true })
    const error = stored.conflicts("one", { text: "b", number: 2, flag: false })
    expect(error.message).toBe(
      [
        `Apply failed with 3 conflicts: conflicts with "editor" using t.io/v1:`,
        "- .spec.number",
        "- .spec.text",
        `conflicts with "two":`,
        "- .spec.flag",
      ].join("\n"),
    )
  })

  test("force takes the fields over", () => {
    const stored = new Stored()
    stored.apply("one", { text: "a", number: 1 })
    stored.apply("two", { text: "b" }, { force: true })
    expect(stored.spec).toEqual({ text: "b", number: 1 })
    expect(stored.fields("one")).toEqual({ "f:spec": { "f:number": {} } })
    expect(stored.fields("two")).toEqual({ "f:spec": { "f:text": {} } })
  })

  test("the same value is no conflict", () => {
    const stored = new Stored()
    stored.update("editor", { text: "a" })
    stored.apply("one", { text: "a" })
    expect(stored.fields("editor")).toEqual({ "f:spec": { ".": {}, "f:text": {} } })
  })

  test("a manager of a subresource is named with it", () => {
    const stored = new Stored()
    stored.apply("one", { text: "a" }, { subresource: "scale" })
    expect(stored.conflicts("two", { text: "b" }).message).toContain(
      `conflict with "one" with subresource "scale": .spec.text`,
    )
  })

  test("fields that the endpoint resets neither conflict nor get an owner", () => {
    const stored = new Stored()
    const resetFields = { "f:status": {} }
    stored.apply("one", { text: "a" })
    const config = { apiVersion: "t.io/v1", kind: "T", status: { phase: "x" }, spec: { text: "a" } }
    stored.apply("two", {}, { config, resetFields })
    expect(stored.fields("two")).toEqual({ "f:spec": { "f:text": {} } })
  })
})

describe("lists", () => {
  test("items of keyed lists belong to who applied them", () => {
    const stored = new Stored()
    stored.apply("one", {
      items: [
        { name: "a", v: 1 },
        { name: "b", v: 1 },
      ],
    })
    stored.apply("two", {
      items: [
        { name: "b", w: 2 },
        { name: "c", v: 3 },
      ],
    })
    expect(stored.spec).toEqual({
      items: [
        { name: "a", v: 1 },
        { name: "b", v: 1, w: 2 },
        { name: "c", v: 3 },
      ],
    })
    expect(stored.fields("two")).toEqual({
      "f:spec": {
        "f:items": {
          'k:{"name":"b"}': { ".": {}, "f:name": {}, "f:w": {} },
          'k:{"name":"c"}': { ".": {}, "f:name": {}, "f:v": {} },
        },
      },
    })
    stored.apply("one", { items: [{ name: "a", v: 1 }] })
    expect(stored.spec).toEqual({
      items: [
        { name: "a", v: 1 },
        { name: "b", w: 2 },
        { name: "c", v: 3 },
      ],
    })
    stored.apply("two", {})
    expect(stored.spec).toEqual({ items: [{ name: "a", v: 1 }] })
  })

  test.each([
    [
      ["a", "b", "c"],
      ["c", "a"],
      ["b", "c", "a"],
    ],
    [
      ["a", "b", "c"],
      ["x", "b"],
      ["a", "x", "b", "c"],
    ],
    [
      ["a", "b"],
      ["b", "a"],
      ["b", "a"],
    ],
    [
      ["a", "b", "c", "d"],
      ["d", "x", "b"],
      ["a", "c", "d", "x", "b"],
    ],
    [["a"], ["b", "a"], ["b", "a"]],
    [["a"], ["b"], ["a", "b"]],
  ])("items of both stand in the order applied: %j with %j is %j", (live, config, expected) => {
    const stored = new Stored()
    stored.update("editor", { set: live })
    stored.apply("one", { set: config })
    expect(stored.spec).toEqual({ set: expected })
  })

  test("keys left out count with their default", () => {
    const stored = new Stored()
    stored.update("editor", {
      ports: [
        { port: 80, protocol: "TCP" },
        { port: 80, protocol: "UDP" },
      ],
    })
    stored.apply("one", { ports: [{ port: 80, name: "web" }] })
    expect(stored.spec).toEqual({
      ports: [
        { port: 80, protocol: "TCP", name: "web" },
        { port: 80, protocol: "UDP" },
      ],
    })
    expect(stored.fields("one")).toEqual({
      "f:spec": {
        "f:ports": { 'k:{"port":80,"protocol":"TCP"}': { ".": {}, "f:name": {}, "f:port": {} } },
      },
    })
  })

  test("sets are owned value by value", () => {
    const stored = new Stored()
    stored.apply("one", { set: ["a", "b"] })
    stored.apply("two", { set: ["c", "b"] })
    expect(stored.spec).toEqual({ set: ["a", "c", "b"] })
    expect(stored.fields("two")).toEqual({ "f:spec": { "f:set": { 'v:"b"': {}, 'v:"c"': {} } } })
    stored.apply("one", { set: [] })
    expect(stored.spec).toEqual({ set: ["c", "b"] })
  })

  test("atomic lists and maps are owned and replaced whole", () => {
    const stored = new Stored()
    stored.apply("one", { plain: ["a"], whole: { a: "1" } })
    expect(stored.fields("one")).toEqual({ "f:spec": { "f:plain": {}, "f:whole": {} } })
    expect(stored.conflicts("two", { plain: ["b"] }).message).toContain(": .spec.plain")
    expect(stored.conflicts("two", { whole: { b: "1" } }).message).toContain(": .spec.whole")
    stored.apply("two", { whole: { b: "1" } }, { force: true })
    expect(stored.spec).toEqual({ plain: ["a"], whole: { b: "1" } })
  })
})

describe("objects without schema", () => {
  test("merge member by member, lists whole", () => {
    const stored = new Stored()
    stored.apply("one", { open: { a: { b: 1 }, list: [{ x: 1 }] } })
    expect(stored.fields("one")).toEqual({
      "f:spec": { "f:open": { "f:a": { ".": {}, "f:b": {} }, "f:list": {} } },
    })
    stored.apply("two", { open: { a: { c: 2 } } })
    stored.apply("one", { open: { list: [{ x: 1 }] } })
    expect(stored.spec).toEqual({ open: { a: { c: 2 }, list: [{ x: 1 }] } })
  })

  test("kinds without any schema work the same way", () => {
    const stored = new Stored()
    Object.assign(stored, new Stored())
    const bare = applyPatchOrThrow({
      ...stored.request("one", { a: { b: [1] } }),
      schema: undefined,
    })
    expect(bare.managedFields?.[0]?.fieldsV1).toEqual({
      "f:spec": { ".": {}, "f:a": { ".": {}, "f:b": {} } },
    })
  })

  test("a value may change its type where the schema leaves it open", () => {
    const stored = new Stored()
    stored.apply("one", { open: { a: 1 }, intOrString: 80 })
    stored.apply("one", { open: { a: { b: 1 } }, intOrString: "http" })
    stored.apply("one", { open: { a: [1] } })
    expect(stored.spec).toEqual({ open: { a: [1] } })
  })
})

describe("configurations that do not fit", () => {
  test.each<[string, JsonObject, string]>([
    ["an undeclared field", { foo: 1 }, ".spec.foo: field not declared in schema"],
    [
      "a number for text",
      { text: 1 },
      ".spec.text: expected string, got &value.valueUnstructured{Value:1}",
    ],
    [
      "text for a number",
      { number: "a" },
      ".spec.number: expected numeric (int or float), got string",
    ],
    ["text for a flag", { flag: "a" }, ".spec.flag: expected boolean, got &{a}"],
    ["a list for a map", { group: [1] }, ".spec.group: expected map, got &{[1]}"],
    ["a map for a list", { plain: { a: 1 } }, ".spec.plain: expected list, got &{map[a:1]}"],
    [
      "an item that is repeated",
      { items: [{ name: "a" }, { name: "a" }] },
      `.spec.items: duplicate entries for key [name="a"]`,
    ],
    [
      "a value that is repeated",
      { set: ["a", "a"] },
      `.spec.set: duplicate entries for key [="a"]`,
    ],
    [
      "an item without key",
      { items: [{ v: 1 }] },
      `.spec.items: element 0: associative list with keys has an element that omits all key fields ["name"] (and doesn't have default values for any key fields)`,
    ],
    [
      "an item that is no object",
      { items: ["a"] },
      ".spec.items: element 0: associative list with keys may not have non-map elements",
    ],
    [
      "a wrong item of an atomic list",
      { plain: ["a", 1] },
      ".spec.plain[1]: expected string, got &value.valueUnstructured{Value:1}",
    ],
    [
      "several at once",
      { text: 1, number: "a" },
      "errors:\n  .spec.text: expected string, got &value.valueUnstructured{Value:1}\n  .spec.number: expected numeric (int or float), got string",
    ],
  ])("%s", (_, spec, problem) => {
    const stored = new Stored()
    const message = `failed to create typed patch object (/o; t.io/v1, Kind=T): ${problem}`
    expect(() => stored.apply("one", spec)).toThrow(new ApplyError(message))
  })

  test("nesting without end", () => {
    let open: JsonObject = {}
    for (let depth = 0; depth < 20_000; depth += 1) open = { a: open }
    const config = { apiVersion: "t.io/v1", kind: "T", metadata: {}, spec: { open } }
    const request = { ...new Stored().request("one", {}), config }
    expect(() => applyPatch(request)).toThrow(ApplyError)
  })

  test("another version, or managedFields of its own, are bad requests", () => {
    const stored = new Stored()
    const version = { config: { apiVersion: "t.io/v2", kind: "T" } }
    expect(() => stored.apply("one", {}, version)).toThrow(ApiError)
    const metadata = { managedFields: [] }
    const owned = { config: { apiVersion: "t.io/v1", kind: "T", metadata } }
    expect(() => stored.apply("one", {}, owned)).toThrow("metadata.managedFields must be nil")
  })

  test("names of prototypes are only names", () => {
    const stored = new Stored()
    const open = JSON.parse(`{"__proto__":{"polluted":1},"constructor":{"x":1}}`) as JsonObject
    stored.apply("one", { open })
    expect(JSON.stringify(stored.spec)).toBe(
      `{"open":{"__proto__":{"polluted":1},"constructor":{"x":1}}}`,
    )
    stored.apply("two", { open: { toString: "1" } })
    stored.apply("one", {})
    expect(stored.spec).toEqual({ open: { toString: "1" } })
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined()
  })
})

describe("objects without managedFields", () => {
  test("what was there belongs to before-first-apply", () => {
    const stored = new Stored()
    stored.object = {
      apiVersion: "t.io/v1",
      kind: "T",
      metadata: { name: "o", uid: "u", labels: { x: "1" } },
      spec: { text: "a" },
    }
    expect(stored.conflicts("one", { text: "b" }).message).toContain(
      `conflict with "before-first-apply" using t.io/v1: .spec.text`,
    )
    stored.apply("one", { text: "b" }, { force: true })
    expect(stored.fields("before-first-apply")).toEqual({
      "f:metadata": { "f:labels": { ".": {}, "f:x": {} } },
      "f:spec": {},
    })
  })
})

describe("kubectl", () => {
  const applied = { apiVersion: "t.io/v1", kind: "T", metadata: { name: "o" }, spec: { text: "a" } }

  function clientSide(): Stored {
    const stored = new Stored()
    const annotations = { [lastAppliedAnnotation]: JSON.stringify(applied) }
    const next = { ...applied, metadata: { name: "o", uid: "u", annotations } }
    const managedFields = trackUpdate({
      old: undefined,
      new: next,
      manager: "kubectl-client-side-apply",
      subresource: "",
      nowMs: start,
      apiVersion: "t.io/v1",
      schema,
    })
    stored.object = { ...next, metadata: { ...next.metadata, managedFields } } as never
    return stored
  }

  test("takes over what it applied on the client's side, and keeps the annotation true", () => {
    const stored = clientSide()
    stored.apply("kubectl", { text: "b" })
    expect(stored.spec).toEqual({ text: "b" })
    const metadata = stored.object?.["metadata"] as { annotations: Record<string, string> }
    expect(metadata.annotations[lastAppliedAnnotation]).toBe(
      `{"apiVersion":"t.io/v1","kind":"T","metadata":{"name":"o"},"spec":{"text":"b"}}\n`,
    )
  })

  test("others do not", () => {
    const stored = clientSide()
    expect(stored.conflicts("one", { text: "b" }).message).toContain("kubectl-client-side-apply")
  })

  test("not when the value has changed since", () => {
    const stored = clientSide()
    stored.update("editor", { text: "c" })
    expect(stored.conflicts("kubectl", { text: "b" }).message).toContain(`"editor"`)
  })
})

describe("schemas and versions that change", () => {
  const granular: Schema = {
    type: "object",
    properties: {
      spec: {
        type: "object",
        properties: {
          m: { type: "object", properties: { a: { type: "string" }, b: { type: "string" } } },
        },
      },
    },
  }
  const atomic: Schema = {
    type: "object",
    properties: {
      spec: {
        type: "object",
        properties: {
          m: {
            ...granular.properties!["spec"]!.properties!["m"]!,
            "x-kubernetes-map-type": "atomic",
          },
        },
      },
    },
  }

  test("a map that has become atomic is owned whole by who owned part of it", () => {
    const stored = new Stored(granular)
    stored.apply("one", { m: { a: "1" } })
    expect(stored.fields("one")).toEqual({ "f:spec": { "f:m": { "f:a": {} } } })
    stored.apply("two", { m: { a: "1" } }, { schema: atomic })
    expect(stored.fields("one")).toEqual({ "f:spec": { "f:m": {} } })
  })

  /** v2 calls `text` `words`. */
  const v2: Schema = {
    type: "object",
    properties: {
      spec: {
        type: "object",
        properties: { words: { type: "string" }, number: { type: "integer" } },
      },
    },
  }
  const convert: ApplyRequest["convert"] = (object, apiVersion) => {
    if (apiVersion === "t.io/v0") return undefined
    const { spec, ...rest } = object as { spec?: { text?: string; words?: string } }
    const { text, words, ...others } = spec ?? {}
    const value = text ?? words
    const name = apiVersion === "t.io/v2" ? "words" : "text"
    const converted = value === undefined ? others : { ...others, [name]: value }
    return {
      object: { ...rest, apiVersion, spec: converted },
      schema: apiVersion === "t.io/v2" ? v2 : schema,
    }
  }

  test("conflicts are found in the terms of the owner's version", () => {
    const stored = new Stored()
    stored.apply("one", { text: "a", number: 1 }, { convert })
    const live = convert(stored.object!, "t.io/v2")!.object as never
    const request = (spec: JsonObject, force: boolean): ApplyRequest => ({
      ...stored.request("two", {}),
      live,
      config: { apiVersion: "t.io/v2", kind: "T", metadata: { name: "o" }, spec },
      apiVersion: "t.io/v2",
      schema: v2,
      convert,
      force,
    })
    const outcome = applyPatch(request({ words: "b" }, false))
    expect(outcome.conflicts?.map(({ path }) => path)).toEqual([["f:spec", "f:text"]])
    const forced = applyPatchOrThrow(request({ words: "b" }, true))
    expect(
      forced.managedFields?.map(({ manager, apiVersion, fieldsV1 }) => [
        manager,
        apiVersion,
        fieldsV1,
      ]),
    ).toEqual([
      ["one", "t.io/v1", { "f:spec": { "f:number": {} } }],
      ["two", "t.io/v2", { "f:spec": { "f:words": {} } }],
    ])
  })

  test("an applier that moves to a new version still removes what it said in the old one", () => {
    const stored = new Stored()
    stored.apply("one", { text: "a", number: 1 }, { convert })
    const live = convert(stored.object!, "t.io/v2")!.object as never
    const applied = applyPatchOrThrow({
      ...stored.request("one", {}),
      live,
      config: { apiVersion: "t.io/v2", kind: "T", metadata: { name: "o" }, spec: { number: 1 } },
      apiVersion: "t.io/v2",
      schema: v2,
      convert,
    })
    expect(applied.object["spec"]).toEqual({ number: 1 })
    expect(applied.managedFields).toHaveLength(1)
    expect(applied.managedFields?.[0]).toMatchObject({
      apiVersion: "t.io/v2",
      fieldsV1: { "f:spec": { "f:number": {} } },
    })
  })

  test("entries of a version that is gone are dropped", () => {
    const stored = new Stored()
    stored.apply("one", { text: "a" })
    const [entry] = stored.entries
    const metadata = { name: "o", managedFields: [{ ...entry, apiVersion: "t.io/v0" }] }
    stored.object = { ...stored.object, metadata } as never
    stored.apply("two", { text: "b" }, { convert })
    expect(stored.entries.map(({ manager }) => manager)).toEqual(["two"])
  })
})

function random(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return (state >>> 8) % below
  }
}

function randomSpec(next: (below: number) => number): JsonObject {
  const names = ["a", "b", "c"].filter(() => next(2) === 0)
  const parts: Record<string, () => unknown> = {
    text: () => `t${next(2)}`,
    number: () => next(2),
    labels: () => Object.fromEntries(names.map((name) => [name, `l${next(2)}`])),
    set: () => names,
    plain: () => names,
    items: () => names.map((name) => ({ name, ...(next(2) ? { v: next(2) } : { w: next(2) }) })),
    whole: () =>
      Object.fromEntries(names.slice(0, 2).map((name) => [name === "c" ? "b" : name, "1"])),
    group: () => (next(2) ? { a: "1" } : { b: `${next(2)}` }),
    open: () => (next(2) ? { x: { y: next(2) } } : { x: [next(2)] }),
  }
  return Object.fromEntries(
    Object.entries(parts).flatMap(([name, make]) => (next(2) === 0 ? [] : [[name, make()]])),
  ) as JsonObject
}

describe("whatever three managers do", () => {
  for (let seed = 0; seed < 60; seed += 1) {
    test(`applying twice is applying once, and giving everything up leaves nothing (seed ${seed})`, () => {
      const next = random(seed)
      const stored = new Stored()
      for (let step = 0; step < 12; step += 1) {
        const manager = `m${next(3)}`
        const spec = randomSpec(next)
        stored.apply(manager, spec, { force: true })
        const before = stored.object
        expect(stored.apply(manager, spec).object).toBe(before)
      }
      for (const manager of ["m0", "m1", "m2"]) stored.apply(manager, {}, { force: true })
      for (const entry of stored.entries) expect(entry.fieldsV1).toEqual({ "f:spec": {} })
      // Nobody owns a list that was said to be empty.
      const left = Object.values(stored.spec ?? {})
      expect(left.filter((value) => !Array.isArray(value) || value.length > 0)).toEqual([])
    })
  }
})
