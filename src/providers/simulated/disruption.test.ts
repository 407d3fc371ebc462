import { expect, test } from "vitest"
import type { Pod } from "#apis"
import { disruptionOf } from "./disruption.ts"

const pods = (ready: number, unready = 0): readonly Pod[] =>
  Array.from({ length: ready + unready }, (_pod, index) => ({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: `pod-${index}` },
    status: { conditions: [{ type: "Ready", status: index < ready ? "True" : "False" }] },
  }))

test.each([
  { budget: { minAvailable: 2 }, of: pods(3), allowed: 1 },
  { budget: { minAvailable: 3 }, of: pods(3), allowed: 0 },
  { budget: { minAvailable: "50%" }, of: pods(3), allowed: 1 },
  { budget: { maxUnavailable: 1 }, of: pods(3), allowed: 1 },
  { budget: { maxUnavailable: 1 }, of: pods(2, 1), allowed: 0 },
  { budget: { maxUnavailable: "34%" }, of: pods(3), allowed: 2 },
  { budget: { maxUnavailable: 0 }, of: pods(3), allowed: 0 },
])("$budget lets $allowed pods go", ({ budget, of, allowed }) => {
  expect(disruptionOf(budget, of).allowed).toBe(allowed)
})

test("pods that are being deleted do not count as healthy", () => {
  const [first, ...others] = pods(2)
  const going = { ...first, metadata: { name: "a", deletionTimestamp: "2030-01-01T00:00:00Z" } }
  expect(disruptionOf({ minAvailable: 1 }, [going as Pod, ...others])).toEqual({
    healthy: 1,
    desired: 1,
    allowed: 0,
  })
})
