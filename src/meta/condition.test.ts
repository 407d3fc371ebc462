import { expect, test } from "vitest"
import { type Condition, findCondition, isConditionTrue, setCondition } from "./condition.ts"

const earlier = "2026-01-02T03:04:05Z"
const later = "2026-01-02T03:04:06Z"
const ready: Condition = {
  type: "Ready",
  status: "True",
  reason: "Ready",
  message: "",
  lastTransitionTime: earlier,
}

test("a new condition gets a transition time and, because schemas require one, a message", () => {
  const set = setCondition([], { type: "Ready", status: "True", reason: "Ready" }, earlier)
  expect(set).toEqual([ready])
})

test("a condition that says the same leaves the very same list", () => {
  const list = [ready]
  expect(setCondition(list, { type: "Ready", status: "True", reason: "Ready" }, later)).toBe(list)
})

test("the transition time moves with the status only", () => {
  const other = setCondition([ready], { ...ready, reason: "Other", message: "m" }, later)
  expect(other).toEqual([{ ...ready, reason: "Other", message: "m" }])
  const down = setCondition(other, { ...ready, status: "False" }, later)
  expect(findCondition({ status: { conditions: down } }, "Ready")?.lastTransitionTime).toBe(later)
  expect(isConditionTrue({ status: { conditions: down } }, "Ready")).toBe(false)
})
