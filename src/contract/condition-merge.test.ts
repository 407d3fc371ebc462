import type { Observation } from "#controller"
import { expect, test } from "vitest"
import {
  aggregateConditions,
  type AggregatePart,
  mirrorCondition,
  summarizeConditions,
} from "./condition-merge.ts"

const reasons = { issue: "Bad", unknown: "Unclear", fine: "Good" }

function condition(
  type: string,
  status: Observation["status"],
  message = "",
  reason = "R",
): Observation {
  return { type, status, reason, message }
}

test("a summary is as bad as its worst part, and shows what is wrong", () => {
  const summary = summarizeConditions(
    "Ready",
    [
      { type: "Deleting", condition: condition("Deleting", "False"), polarity: "Negative" },
      { type: "Bootstrap", condition: condition("Bootstrap", "False", "no data") },
      { type: "Node", condition: undefined },
      { type: "Infra", condition: condition("Infra", "True", "fine") },
      { type: "Check", condition: undefined, optional: true },
    ],
    reasons,
  )
  expect(summary).toEqual({
    type: "Ready",
    status: "False",
    reason: "Bad",
    message: "* Bootstrap: no data\n* Node: Condition not yet reported",
  })
})

test("a summary of good parts shows only those that have something to say", () => {
  const parts = [
    { type: "A", condition: condition("A", "True") },
    { type: "B", condition: condition("B", "True", "two\nlines") },
  ]
  expect(summarizeConditions("Ready", parts, reasons)).toMatchObject({
    status: "True",
    reason: "Good",
    message: "* B:\n  two\n  lines",
  })
})

test("a harmless part does not count, an unknown one does, and a part without words gives its reason", () => {
  const harmless = { type: "A", condition: condition("A", "False", "gone"), harmless: true }
  const unknown = { type: "B", condition: condition("B", "Unknown", "", "Silent") }
  expect(summarizeConditions("Ready", [harmless], reasons).status).toBe("True")
  expect(summarizeConditions("Ready", [harmless, unknown], reasons)).toMatchObject({
    status: "Unknown",
    reason: "Unclear",
    message: "* B: Silent",
  })
})

function part(name: string, status: Observation["status"], message = ""): AggregatePart {
  return { kind: "Machine", name, condition: condition("Ready", status, message) }
}

test("an aggregate groups objects by what they say and counts the rest", () => {
  const parts = [
    ...["a", "b", "c", "d"].map((name) => part(name, "False", "disk full")),
    { ...part("cp", "False", "no etcd"), isControlPlane: true },
    part("e", "Unknown", "silent"),
    part("f", "False", "hot"),
    part("g", "True", "fine"),
    { kind: "Machine", name: "h", condition: undefined },
  ]
  const options = { type: "MachinesReady", sourceType: "Ready", reasons }
  expect(aggregateConditions(parts, options)).toEqual({
    type: "MachinesReady",
    status: "False",
    reason: "Bad",
    message: [
      "* Machine cp: no etcd",
      "* Machines a, b, c, ... (1 more): disk full",
      "* Machine f: hot",
      "And 2 Machines with status unknown",
    ].join("\n"),
  })
})

test("an aggregate with negative polarity is True when one of its parts is", () => {
  const options = {
    type: "ScalingUp",
    sourceType: "ScalingUp",
    reasons: { issue: "ScalingUp", unknown: "ScalingUpUnknown", fine: "NotScalingUp" },
    polarity: "Negative",
  } as const
  expect(aggregateConditions([part("a", "False")], options)).toMatchObject({
    status: "False",
    reason: "NotScalingUp",
    message: "",
  })
  expect(aggregateConditions([part("a", "False"), part("b", "True", "1 to 2")], options)).toEqual({
    type: "ScalingUp",
    status: "True",
    reason: "ScalingUp",
    message: "* Machine b: 1 to 2",
  })
})

test("a provider's condition is mirrored, and its absence is answered with the fallback", () => {
  const object = {
    apiVersion: "v1",
    kind: "X",
    metadata: { name: "x" },
    status: { conditions: [{ type: "Ready", status: "False", reason: "Slow", message: "wait" }] },
  }
  const fallback: Observation = { type: "InfrastructureReady", status: "True", reason: "Ready" }
  expect(mirrorCondition(object, "Ready", fallback)).toEqual({
    type: "InfrastructureReady",
    status: "False",
    reason: "Slow",
    message: "wait",
  })
  expect(mirrorCondition({ ...object, status: {} }, "Ready", fallback)).toBe(fallback)
})
