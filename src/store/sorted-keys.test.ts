import { expect, test } from "vitest"

import { SortedKeys } from "./sorted-keys.ts"
import { RandomChoice } from "./testing/random-choice.ts"

test("ranges and counts are those of a sorted array, through growth and removal", () => {
  const random = new RandomChoice(3)
  const keys = new SortedKeys()
  const present = new Set<string>()
  const randomKey = (): string => String(random.below(5000)).padStart(4, "0")
  for (let round = 0; round < 40; round += 1) {
    const isGrowing = round < 25
    for (let change = 0; change < 200; change += 1) {
      const key = randomKey()
      if (random.oneIn(isGrowing ? 4 : 1)) {
        keys.remove(key)
        present.delete(key)
      } else {
        keys.add(key)
        present.add(key)
      }
    }
    const [start, end] = [randomKey(), random.oneIn(4) ? undefined : randomKey()]
    const expected = [...present].filter((key) => key >= start && (!end || key < end)).sort()
    expect(keys.range(start, end)).toEqual(expected)
    expect(keys.range(start, end, 7)).toEqual(expected.slice(0, 7))
    expect(keys.count(start, end)).toBe(expected.length)
  }
  for (const key of present) keys.remove(key)
  expect(keys.range("", undefined)).toEqual([])
  keys.add("again")
  expect(keys.range("", undefined)).toEqual(["again"])
})
