import { expect, test } from "vitest"

import { compareKeys, endOfPrefix } from "./keys.ts"
import { RandomChoice } from "./testing/random-choice.ts"

const characters = [
  "\0",
  "/",
  "a",
  "b",
  "~",
  "\u007f",
  "ä",
  "\ud7ff",
  "\ue000",
  "\uffff",
  "\u{10000}",
  "\u{10ffff}",
]

function randomKey(random: RandomChoice): string {
  return Array.from({ length: random.below(5) }, () => random.of(characters)).join("")
}

test("keys compare as their UTF-8 bytes do", () => {
  const random = new RandomChoice(1)
  for (let round = 0; round < 20_000; round += 1) {
    const [left, right] = [randomKey(random), randomKey(random)]
    const expected = Buffer.compare(Buffer.from(left), Buffer.from(right))
    expect(Math.sign(compareKeys(left, right)), JSON.stringify([left, right])).toBe(expected)
  }
})

test("the end of a prefix parts the keys that have it from those after", () => {
  const random = new RandomChoice(2)
  for (let round = 0; round < 20_000; round += 1) {
    const [prefix, key] = [randomKey(random), randomKey(random)]
    const end = endOfPrefix(prefix)
    const isWithin =
      compareKeys(key, prefix) >= 0 && (end === undefined || compareKeys(key, end) < 0)
    expect(isWithin, JSON.stringify([prefix, key])).toBe(key.startsWith(prefix))
  }
})

test("nothing comes after the last possible prefix", () => {
  expect(endOfPrefix("")).toBeUndefined()
  expect(endOfPrefix("\u{10ffff}\u{10ffff}")).toBeUndefined()
  expect(endOfPrefix("a\u{10ffff}")).toBe("b")
  expect(endOfPrefix("\ud7ff")).toBe("\ue000")
})
