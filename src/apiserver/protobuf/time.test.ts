import { expect, test } from "vitest"
import { durationToJson, timeToJson, writeDuration, writeTime } from "./time.ts"
import { WireReader } from "./wire-reader.ts"
import { WireWriter } from "./wire-writer.ts"

const readerOf = (writer: WireWriter): WireReader => new WireReader(Buffer.from(writer.finish()))

const duration = (text: string): string => {
  const writer = new WireWriter()
  writeDuration(writer, text)
  return durationToJson(readerOf(writer))
}
const time = (text: string, micro = false): string | null => {
  const writer = new WireWriter()
  writeTime(writer, text, micro)
  return timeToJson(readerOf(writer), micro)
}
const seconds = (value: number): WireReader => {
  const writer = new WireWriter()
  writer.varint(value)
  writer.tag(1, 0)
  return readerOf(writer)
}

test.each([
  ["0", "0s"],
  ["1ns", "1ns"],
  ["1.5us", "1.5µs"],
  ["2ms", "2ms"],
  ["90s", "1m30s"],
  ["1h", "1h0m0s"],
  ["-1h2m3.004s", "-1h2m3.004s"],
  ["2540400h10m10s", "2540400h10m10s"],
])("the duration %s reads back as Go prints it", (text, printed) => {
  expect(duration(text)).toBe(printed)
})

test("a text that is no duration is refused", () => {
  expect(() => duration("soon")).toThrow("not a duration")
})

test.each([
  ["1970-01-01T00:00:00Z", "1970-01-01T00:00:00Z"],
  ["2026-03-01T10:00:00.999999999+02:00", "2026-03-01T08:00:00Z"],
  ["0001-01-01T00:00:00Z", null],
  ["9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z"],
])("the time %s reads back in whole seconds of UTC", (text, printed) => {
  expect(time(text)).toBe(printed)
})

test("a micro time keeps microseconds, also before the epoch", () => {
  expect(time("2026-03-01T10:00:00.123456789Z", true)).toBe("2026-03-01T10:00:00.123456Z")
  expect(time("1969-12-31T23:59:59.000001Z", true)).toBe("1969-12-31T23:59:59.000001Z")
})

test("a year that JSON cannot show is refused", () => {
  expect(() => timeToJson(seconds(253_402_300_800), false)).toThrow("outside of the years")
  expect(() => timeToJson(seconds(-99_999_999_999), false)).toThrow("outside of the years")
})
