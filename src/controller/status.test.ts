import { expect, test } from "vitest"
import type { Condition } from "#meta"
import { mergePatchOf } from "./merge-patch.ts"
import { appliedStatusFields, extractOwned, ownsBeyond } from "./owned-fields.ts"
import { References } from "./references.ts"
import { desiredStatus, type StatusInput, statusDiffers } from "./status.ts"

test.each([
  ["equal values", { a: 1, b: [1, { c: 2 }] }, { a: 1, b: [1, { c: 2 }] }, undefined],
  ["an added member", { a: { b: 1 } }, { a: { b: 1, c: 2 } }, { a: { c: 2 } }],
  ["a removed member", { a: { b: 1, c: 2 } }, { a: { b: 1 } }, { a: { c: null } }],
  ["a changed list", { a: [1, 2] }, { a: [2] }, { a: [2] }],
  ["an object that was none", { a: 1 }, { a: { b: 1 } }, { a: { b: 1 } }],
  ["a member that became undefined", { a: { b: 1 } }, { a: undefined }, { a: null }],
])("a merge patch for %s", (_name, before, after, patch) => {
  expect(mergePatchOf(before, after)).toEqual(patch)
})

const time = "2026-01-01T00:00:00Z"
const later = "2026-02-02T00:00:00Z"

function condition(type: string, status: "True" | "False" = "True"): Condition {
  return {
    type,
    status,
    observedGeneration: 3,
    lastTransitionTime: time,
    reason: "Because",
    message: "",
  }
}

function anInput(options: Partial<StatusInput> = {}): StatusInput {
  return {
    current: { conditions: [condition("Ready"), condition("Foreign")], observedGeneration: 3 },
    generation: 3,
    now: later,
    traits: { hasObservedGeneration: true, hasAtomicConditions: false },
    ownTypes: ["Ready", "Paused"],
    ...options,
  }
}

const ownedReady = {
  "f:conditions": { 'k:{"type":"Ready"}': { ".": {}, "f:status": {}, "f:type": {} } },
  "f:observedGeneration": {},
}

test("a status that says the same again is not written", () => {
  const input = anInput()
  const observed = { conditions: [{ type: "Ready", status: "True", reason: "Because" }] }

  const desired = desiredStatus(observed, input)

  expect(desired).toEqual({ conditions: [condition("Ready")], observedGeneration: 3 })
  expect(statusDiffers(input.current, desired, ownedReady)).toBe(false)
})

test.each([
  ["a status flips", [{ type: "Ready", status: "False", reason: "Because" }], later],
  ["a reason changes", [{ type: "Ready", status: "True", reason: "Other" }], time],
])("when %s, the status is written and the time is right", (_name, conditions, transition) => {
  const input = anInput()

  const desired = desiredStatus({ conditions }, input)

  expect(desired["conditions"]).toMatchObject([{ lastTransitionTime: transition }])
  expect(statusDiffers(input.current, desired, ownedReady)).toBe(true)
})

test("a status is written when it lets go of a field, and when nobody owned it yet", () => {
  const input = anInput()
  const observed = { conditions: [{ type: "Ready", status: "True", reason: "Because" }] }
  const desired = desiredStatus(observed, input)

  expect(statusDiffers(input.current, desired, { ...ownedReady, "f:phase": {} })).toBe(true)
  expect(statusDiffers(input.current, desired, undefined)).toBe(true)
  expect(statusDiffers(input.current, {}, undefined)).toBe(false)
})

test("an undeclared condition is refused", () => {
  const observed = { conditions: [{ type: "Foreign", status: "True", reason: "A" }] }
  expect(() => desiredStatus(observed, anInput())).toThrow("set condition Foreign: not declared")
})

test("where the list is atomic, foreign conditions are carried along", () => {
  const traits = { hasObservedGeneration: false, hasAtomicConditions: true }
  const observed = { conditions: [{ type: "Ready", status: "True", reason: "Because" }] }

  expect(desiredStatus(observed, anInput({ traits }))).toEqual({
    conditions: [condition("Foreign"), condition("Ready")],
  })
})

const fields = {
  "f:phase": {},
  "f:conditions": { 'k:{"type":"A"}': { ".": {}, "f:type": {}, "f:status": {} } },
  "f:set": { 'v:"x"': {} },
  "f:list": {},
}

test("the owned part of a status is found again", () => {
  const status = {
    phase: "Running",
    other: 1,
    conditions: [
      { type: "A", status: "True", reason: "R" },
      { type: "B", status: "True" },
    ],
    set: ["x", "y"],
    list: [{ a: 1 }],
  }
  const object = {
    apiVersion: "v1",
    kind: "A",
    metadata: {
      name: "a",
      managedFields: [
        { manager: "me", operation: "Update" as const, fieldsV1: {} },
        {
          manager: "me",
          operation: "Apply" as const,
          subresource: "status",
          fieldsV1: { "f:status": fields },
        },
      ],
    },
  }

  expect(appliedStatusFields(object, "me")).toBe(fields)
  expect(appliedStatusFields(object, "you")).toBeUndefined()
  expect(extractOwned(status, fields)).toEqual({
    phase: "Running",
    conditions: [{ type: "A", status: "True" }],
    set: ["x"],
    list: [{ a: 1 }],
  })
  expect(ownsBeyond(fields, status)).toBe(false)
  expect(ownsBeyond(fields, { ...status, conditions: [] })).toBe(true)
  expect(ownsBeyond(fields, { ...status, set: ["y"] })).toBe(true)
})

test("references are known in both directions and follow the latest reconcile", () => {
  const references = new References()
  references.replace("p1", new Set(["a", "b"]))
  references.replace("p2", new Set(["b"]))
  expect([...references.primariesOf("b")]).toEqual(["p1", "p2"])

  references.replace("p1", new Set(["a"]))
  expect([...references.primariesOf("b")]).toEqual(["p2"])

  references.replace("p2", new Set())
  expect([...references.primariesOf("b")]).toEqual([])
  expect([...references.primariesOf("a")]).toEqual(["p1"])
})
