import { expect, test } from "vitest"
import { DurationError, parseDuration, startupDelayMs } from "./startup-delay.ts"

test.each([
  ["0", 0],
  ["300ms", 300],
  ["1m30s", 90_000],
  ["1.5h", 5_400_000],
  ["2us", 0.002],
])("reads %s as Go does", (text, expected) => {
  expect(parseDuration(text)).toBeCloseTo(expected)
})

test.each(["", "10", "ten seconds", "1m 30s"])("refuses %j", (text) => {
  expect(() => parseDuration(text)).toThrow(DurationError)
})

test("jitter adds at most its share, always the same for one machine", () => {
  const provisioning = { startupDuration: "10s", startupJitter: "0.5" }
  const first = startupDelayMs(provisioning, "machine-a")
  expect(startupDelayMs(provisioning, "machine-a")).toBe(first)
  expect(startupDelayMs(provisioning, "machine-b")).not.toBe(first)
  expect(first).toBeGreaterThanOrEqual(10_000)
  expect(first).toBeLessThan(15_000)
})
