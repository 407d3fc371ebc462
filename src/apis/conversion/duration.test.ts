import { expect, test } from "vitest"
import { formatDurationSeconds, parseDurationSeconds } from "./duration.ts"
import { ConversionError } from "./error.ts"

test.each([
  ["0", 0],
  ["0s", 0],
  ["10s", 10],
  ["5m0s", 300],
  ["1h30m", 5400],
  ["1.5h", 5400],
  ["1500ms", 1],
  ["999ms", 0],
  ["-999ms", 0],
  ["-1m30s", -90],
  ["+2m", 120],
  [".5m", 30],
  ["3\u00b5s", 0],
  ["100000000h", 2147483647],
])("the Go duration %s is %d whole seconds", (text, seconds) => {
  expect(parseDurationSeconds(text)).toBe(seconds)
})

test.each(["", "10", "s", "1d", "1h 5m", "5m-3s", "ten seconds"])(
  "%j is refused as a duration",
  (text) => {
    expect(() => parseDurationSeconds(text)).toThrow(ConversionError)
  },
)

test.each([
  [0, "0s"],
  [59, "59s"],
  [60, "1m0s"],
  [3600, "1h0m0s"],
  [90061, "25h1m1s"],
  [-90, "-1m30s"],
])("%d seconds are written as Go writes them", (seconds, text) => {
  expect(formatDurationSeconds(seconds)).toBe(text)
  expect(parseDurationSeconds(text)).toBe(seconds)
})
