import { expect, test } from "vitest"
import {
  planOnDelete,
  planRollingUpdate,
  planScaling,
  rollingLimits,
  type RolloutInput,
  type SetState,
} from "./rollout-plan.ts"

/** Written `desired`, or `desired/actual/available`. */
function set(name: string, text: string): SetState {
  const [desired = 0, actual = desired, available = actual] = text.split("/").map(Number)
  return { name, desired, actual, available }
}

function input(replicas: number, current: string, ...old: readonly string[]): RolloutInput {
  return {
    replicas,
    current: set("new", current),
    old: old.map((text, index) => set(`old${index}`, text)),
  }
}

function plainly(plan: ReadonlyMap<string, number>): Readonly<Record<string, number>> {
  return Object.fromEntries(plan)
}

test.each([
  [10, { maxSurge: 1, maxUnavailable: 0 }, { maxSurge: 1, maxUnavailable: 0 }],
  [10, {}, { maxSurge: 1, maxUnavailable: 0 }],
  [10, { maxSurge: "25%", maxUnavailable: "25%" }, { maxSurge: 3, maxUnavailable: 2 }],
  [1, { maxSurge: "0%", maxUnavailable: "1%" }, { maxSurge: 0, maxUnavailable: 1 }],
  [2, { maxSurge: 0, maxUnavailable: 5 }, { maxSurge: 0, maxUnavailable: 2 }],
])("%d replicas with %j are the limits %j", (replicas, limits, expected) => {
  expect(rollingLimits(replicas, limits)).toEqual(expected)
})

const surgeOne = { maxSurge: 1, maxUnavailable: 0 }
const unavailableOne = { maxSurge: 0, maxUnavailable: 1 }

test.each([
  ["a first set gets all replicas at once", surgeOne, input(3, "0"), { new: 3 }],
  ["a complete rollout stays", surgeOne, input(3, "3"), {}],
  ["a smaller deployment takes from the new set", surgeOne, input(1, "3"), { new: 1 }],
  ["a bigger deployment adds to the new set", surgeOne, input(5, "3"), { new: 5 }],
  ["a rollout begins with the surge", surgeOne, input(3, "0", "3"), { new: 1 }],
  ["an unavailable new Machine holds old ones", surgeOne, input(3, "1/1/0", "3"), {}],
  ["an available new Machine lets an old one go", surgeOne, input(3, "1", "3"), { old0: 2 }],
  ["a leaving Machine still takes its place", surgeOne, input(3, "1", "2/3/3"), {}],
  ["its place is given away when it is gone", surgeOne, input(3, "1", "2"), { new: 2 }],
  ["the last old Machine goes last", surgeOne, input(3, "3", "1"), { old0: 0 }],
  ["without surge an old Machine goes first", unavailableOne, input(3, "0", "3"), { old0: 2 }],
  [
    "an old Machine that was not made yet goes freely",
    surgeOne,
    input(3, "1", "3/2/2"),
    { old0: 2 },
  ],
  ["the oldest set shrinks first", surgeOne, input(3, "1", "1", "2"), { old0: 0 }],
  [
    "several may go when several may be unavailable",
    { maxSurge: 0, maxUnavailable: 3 },
    input(3, "0", "3"),
    { old0: 0 },
  ],
  [
    "broken old Machines do not hold a rollout up for ever",
    surgeOne,
    input(3, "1", "3/3/2"),
    { old0: 2 },
  ],
  [
    "old Machines that are all broken go as far as the number allows",
    surgeOne,
    input(3, "1", "3/3/0"),
    { old0: 2 },
  ],
] as const)("rolling update: %s", (_name, limits, state, expected) => {
  expect(plainly(planRollingUpdate(state, limits))).toEqual(expected)
})

test("a rolling update never has fewer available Machines than allowed, whatever sets give up", () => {
  const limits = { maxSurge: 1, maxUnavailable: 1 }
  let sets = { new: set("new", "0"), old0: set("old0", "6") }
  let steps = 0
  for (; steps < 50; steps += 1) {
    const plan = planRollingUpdate({ replicas: 6, current: sets.new, old: [sets.old0] }, limits)
    const next = (state: SetState): SetState => {
      const desired = plan.get(state.name) ?? state.desired
      // Deleted at once, the available first; a new Machine becomes available a step later.
      const actual = Math.min(state.actual, desired)
      const available = Math.min(state.available, actual)
      return { name: state.name, desired, actual: desired, available: Math.max(available, actual) }
    }
    sets = { new: next(sets.new), old0: next(sets.old0) }
    expect(sets.new.available + sets.old0.available).toBeGreaterThanOrEqual(5)
    expect(sets.new.actual + sets.old0.actual).toBeLessThanOrEqual(7)
    if (sets.old0.actual === 0 && sets.new.actual === 6) break
  }
  expect(sets).toMatchObject({ new: { actual: 6 }, old0: { actual: 0 } })
})

test.each([
  ["old Machines stay until somebody deletes them", input(3, "0", "3"), {}],
  ["a deleted one is not made again", input(3, "0", "3/2/2"), { old0: 2 }],
  ["a new one takes its place", input(3, "0", "2"), { new: 1 }],
  ["a smaller deployment takes old ones first", input(2, "1", "2"), { old0: 1 }],
  ["a bigger deployment grows the new set", input(5, "1", "2"), { new: 3 }],
] as const)("on delete: %s", (_name, state, expected) => {
  expect(plainly(planOnDelete(state))).toEqual(expected)
})

test.each([
  ["grows where Machines are", input(5, "0", "3"), { old0: 5 }],
  ["shrinks the oldest first", input(2, "2", "2"), { old0: 0 }],
  ["stays when the number is right", input(4, "2", "2"), {}],
] as const)("scaling alone %s", (_name, state, expected) => {
  expect(plainly(planScaling(state))).toEqual(expected)
})
