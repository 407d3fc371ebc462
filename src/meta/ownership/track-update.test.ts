import { deepFreeze, type JsonObject } from "#base"
import type { Schema } from "#schema"
import { describe, expect, test } from "vitest"
import type { ManagedFieldsEntry } from "../object-meta.ts"
import { applyPatchOrThrow } from "./apply-patch.ts"
import { resetFieldsOf } from "./metadata-fields.ts"
import { trackUpdate, type UpdateToTrack } from "./track-update.ts"

const start = Date.parse("2026-01-01T00:00:00Z")

const schema: Schema = {
  type: "object",
  properties: {
    data: { type: "object", additionalProperties: { type: "string" } },
    spec: {
      type: "object",
      properties: {
        text: { type: "string" },
        items: {
          type: "array",
          items: {
            type: "object",
            properties: { name: { type: "string" }, v: { type: "integer" } },
          },
          "x-kubernetes-list-type": "map",
          "x-kubernetes-list-map-keys": ["name"],
        },
        set: { type: "array", items: { type: "string" }, "x-kubernetes-list-type": "set" },
      },
    },
    status: { type: "object", properties: { phase: { type: "string" } } },
  },
}

type Part = JsonObject

/** A stored object and the writes to it, each a second after the one before. */
class Stored {
  object: (Part & { metadata: Part }) | undefined
  seconds = 0

  write(
    manager: string,
    part: Part,
    more: Partial<UpdateToTrack> & { metadata?: Part } = {},
  ): void {
    this.seconds += 1
    const { metadata: edits, ...options } = more
    const metadata = { ...this.object?.metadata, name: "o", uid: "u", ...edits }
    const next = { apiVersion: "v1", kind: "T", ...part, metadata }
    const managedFields = trackUpdate(
      deepFreeze({
        old: this.object,
        new: next,
        manager,
        subresource: "",
        nowMs: start + this.seconds * 1000,
        apiVersion: "v1",
        schema,
        ...options,
      }),
    )
    this.object = deepFreeze({ ...next, metadata: { ...metadata, managedFields } }) as never
  }

  get entries(): readonly ManagedFieldsEntry[] {
    return (this.object?.metadata["managedFields"] ?? []) as never
  }

  fields(manager: string): unknown {
    return this.entries.find((entry) => entry.manager === manager)?.fieldsV1
  }
}

describe("creating and updating", () => {
  test("a create owns everything but what identifies the object", () => {
    const stored = new Stored()
    const labels = { a: "1" }
    stored.write(
      "one",
      { data: { x: "1" } },
      { metadata: { labels, finalizers: ["f/x"], generation: 1 } },
    )
    expect(stored.entries).toEqual([
      {
        manager: "one",
        operation: "Update",
        apiVersion: "v1",
        time: "2026-01-01T00:00:01Z",
        fieldsType: "FieldsV1",
        fieldsV1: {
          "f:data": { ".": {}, "f:x": {} },
          "f:metadata": {
            "f:finalizers": { ".": {}, 'v:"f/x"': {} },
            "f:labels": { ".": {}, "f:a": {} },
          },
        },
      },
    ])
  })

  test("an update takes what it changes from its owners, and nothing else", () => {
    const stored = new Stored()
    stored.write("one", { data: { x: "1", y: "1" } })
    stored.write("two", { data: { x: "2", y: "1", z: "1" } })
    expect(stored.fields("one")).toEqual({ "f:data": { ".": {}, "f:y": {} } })
    expect(stored.fields("two")).toEqual({ "f:data": { "f:x": {}, "f:z": {} } })
  })

  test("a removed field has no owner, and a manager without fields no entry", () => {
    const stored = new Stored()
    stored.write("one", { data: { x: "1" } })
    stored.write("two", { data: { x: "1", y: "1" } })
    stored.write("one", { data: { x: "1" } })
    expect(stored.entries.map(({ manager }) => manager)).toEqual(["one"])
    expect(stored.entries[0]?.time).toBe("2026-01-01T00:00:01Z")
  })

  test("what does not change keeps the very list", () => {
    const stored = new Stored()
    stored.write("one", { data: { x: "1" }, spec: { items: [{ name: "a", v: 1 }] } })
    const before = stored.entries
    stored.write("two", { data: { x: "1" }, spec: { items: [{ name: "a", v: 1 }] } })
    expect(stored.entries).toBe(before)
  })

  test("entries of managers who lose nothing are the ones that were there", () => {
    const stored = new Stored()
    stored.write("one", { data: { x: "1" } })
    const [first] = stored.entries
    stored.write("two", { data: { x: "1", y: "1" } })
    expect(stored.entries[0]).toBe(first)
  })

  test("a client without a name is unknown", () => {
    const stored = new Stored()
    stored.write("", { data: { x: "1" } })
    expect(stored.entries[0]?.manager).toBe("unknown")
  })

  test("what every object of the kind has from the start is nobody's", () => {
    const stored = new Stored()
    stored.write("one", { spec: { text: "a" } }, { empty: { metadata: {}, spec: {} } })
    expect(stored.fields("one")).toEqual({ "f:spec": { "f:text": {} } })
  })

  test("the time moves with what is changed", () => {
    const stored = new Stored()
    stored.write("one", { data: { x: "1" } })
    stored.write("one", { data: { x: "2" } })
    expect(stored.entries).toHaveLength(1)
    expect(stored.entries[0]?.time).toBe("2026-01-01T00:00:02Z")
  })

  test("items of keyed lists and sets are owned one by one", () => {
    const stored = new Stored()
    stored.write("one", { spec: { items: [{ name: "a", v: 1 }], set: ["x"] } })
    stored.write("two", {
      spec: {
        items: [
          { name: "b", v: 1 },
          { name: "a", v: 2 },
        ],
        set: ["y", "x"],
      },
    })
    expect(stored.fields("one")).toEqual({
      "f:spec": {
        ".": {},
        "f:items": { ".": {}, 'k:{"name":"a"}': { ".": {}, "f:name": {} } },
        "f:set": { ".": {}, 'v:"x"': {} },
      },
    })
    expect(stored.fields("two")).toEqual({
      "f:spec": {
        "f:items": {
          'k:{"name":"a"}': { "f:v": {} },
          'k:{"name":"b"}': { ".": {}, "f:name": {}, "f:v": {} },
        },
        "f:set": { 'v:"y"': {} },
      },
    })
  })

  test("items that share a key are owned together", () => {
    const stored = new Stored()
    stored.write("one", { spec: { items: [{ name: "a", v: 1 }] } })
    stored.write("two", {
      spec: {
        items: [
          { name: "a", v: 1 },
          { name: "a", v: 2 },
        ],
      },
    })
    expect(stored.fields("one")).toEqual({ "f:spec": { ".": {}, "f:items": {} } })
    expect(stored.fields("two")).toEqual({ "f:spec": { "f:items": { 'k:{"name":"a"}': {} } } })
  })

  test("objects that do not fit their schema keep the list they had", () => {
    const stored = new Stored()
    stored.write("one", { data: { x: "1" } })
    const before = stored.entries
    stored.write("two", { data: { x: "2" }, spec: { items: [{ v: 1 }] } })
    expect(stored.entries).toBe(before)
  })

  test("objects nested without end keep the list they had", () => {
    const stored = new Stored()
    stored.write("one", { data: { x: "1" } })
    let open: JsonObject = {}
    for (let depth = 0; depth < 100_000; depth += 1) open = { a: open }
    const managedFields = trackUpdate({
      old: stored.object,
      new: { ...stored.object, open } as never,
      manager: "two",
      subresource: "",
      nowMs: start,
      apiVersion: "v1",
      schema: undefined,
    })
    expect(managedFields).toBe(stored.entries)
  })
})

describe("order of entries", () => {
  test("applies first, then by time, then by name", () => {
    const stored = new Stored()
    stored.write("b", { data: { x: "1" } })
    stored.seconds = 0
    stored.write("a", { data: { x: "1", y: "1" } })
    stored.seconds = -10
    stored.write("c", { data: { x: "1", y: "1", z: "1" } })
    const applied = applyPatchOrThrow({
      live: stored.object,
      config: { apiVersion: "v1", kind: "T", data: { w: "1" } },
      manager: "z",
      subresource: "",
      force: false,
      nowMs: start + 60_000,
      apiVersion: "v1",
      schema,
    })
    expect(applied.managedFields?.map(({ manager }) => manager)).toEqual(["z", "c", "a", "b"])
  })
})

describe("managedFields in the request", () => {
  test("edits count", () => {
    const stored = new Stored()
    stored.write("one", { data: { x: "1" } })
    const managedFields = [{ ...stored.entries[0], manager: "renamed" }] as never
    stored.write("two", { data: { x: "1", y: "1" } }, { metadata: { managedFields } })
    expect(stored.entries.map(({ manager }) => manager)).toEqual(["renamed", "two"])
  })

  test.each([[[]], [[{}]]])("%j forgets all, until the next apply", (managedFields) => {
    const stored = new Stored()
    stored.write("one", { data: { x: "1" } })
    stored.write("two", { data: { x: "2" } }, { metadata: { managedFields } })
    expect(stored.entries).toEqual([])
    stored.write("two", { data: { x: "3" } })
    expect(stored.entries).toEqual([])
  })

  test("missing or unreadable lists leave the stored one", () => {
    for (const managedFields of [
      undefined,
      null,
      [{ manager: "x" }],
      [{ operation: "Update", apiVersion: "v1", fieldsType: "FieldsV1", fieldsV1: { x: {} } }],
    ]) {
      const stored = new Stored()
      stored.write("one", { data: { x: "1" } })
      const before = stored.entries
      stored.write("two", { data: { x: "1" } }, { metadata: { managedFields } })
      expect(stored.entries).toEqual(before)
    }
  })

  test("subresources cannot edit them", () => {
    const stored = new Stored()
    stored.write("one", { data: { x: "1" } })
    stored.write(
      "two",
      { data: { x: "1" } },
      { metadata: { managedFields: [] }, subresource: "status" },
    )
    expect(stored.entries.map(({ manager }) => manager)).toEqual(["one"])
  })

  test("no list at all stays none on an update", () => {
    const stored = new Stored()
    stored.object = { apiVersion: "v1", kind: "T", metadata: { name: "o", uid: "u" } } as never
    stored.write("one", { data: { x: "1" } })
    expect(stored.entries).toEqual([])
  })
})

describe("subresources", () => {
  const main = resetFieldsOf({ subresource: "", hasStatus: true })
  const status = resetFieldsOf({ subresource: "status", hasStatus: true })

  test("the status belongs to writers of the status, everything else to the others", () => {
    const stored = new Stored()
    const part = { spec: { text: "a" }, status: { phase: "x" } }
    stored.write("one", part, { resetFields: main })
    stored.write(
      "one",
      { spec: { text: "b" }, status: { phase: "y" } },
      { resetFields: status, subresource: "status" },
    )
    expect(stored.entries.map(({ subresource, fieldsV1 }) => [subresource, fieldsV1])).toEqual([
      [undefined, { "f:spec": { ".": {}, "f:text": {} } }],
      ["status", { "f:status": { "f:phase": {} } }],
    ])
  })

  test("kinds without a status subresource own it like anything else", () => {
    expect(resetFieldsOf({ subresource: "", hasStatus: false })).toBeUndefined()
  })
})

describe("many managers", () => {
  test("the eleventh update manager merges the two oldest into ancient-changes", () => {
    const stored = new Stored()
    const data: Record<string, string> = {}
    for (let index = 0; index < 11; index += 1) {
      data[`k${index}`] = "1"
      stored.write(`m${index}`, { data: { ...data } })
    }
    expect(stored.entries).toHaveLength(10)
    expect(stored.entries[0]).toMatchObject({
      manager: "ancient-changes",
      time: "2026-01-01T00:00:02Z",
      fieldsV1: { "f:data": { ".": {}, "f:k0": {}, "f:k1": {} } },
    })
    data["k11"] = "1"
    stored.write("m11", { data: { ...data } })
    expect(stored.entries).toHaveLength(10)
    expect(stored.entries[0]?.fieldsV1).toEqual({
      "f:data": { ".": {}, "f:k0": {}, "f:k1": {}, "f:k2": {} },
    })
  })
})
