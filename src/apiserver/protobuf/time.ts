import { WireError, type WireReader } from "./wire-reader.ts"
import type { WireWriter } from "./wire-writer.ts"

/** Seconds since the epoch of Go's zero time, 0001-01-01T00:00:00Z, which JSON shows as null. */
const zeroSeconds = -62_135_596_800
const yearZeroSeconds = -62_167_219_200
const yearTenThousandSeconds = 253_402_300_800

/** The JSON form of a Timestamp message: seconds precision, or microseconds for MicroTime. */
export function timeToJson(reader: WireReader, micro: boolean): string | null {
  if (reader.done) return null
  const [seconds = 0, nanoseconds = 0] = readVarints(reader)
  const micros = micro ? Math.trunc(Number(nanoseconds) / 1000) : 0
  const whole = Number(seconds) + Math.floor(micros / 1_000_000)
  const fraction = micros - Math.floor(micros / 1_000_000) * 1_000_000
  if (whole === zeroSeconds && fraction === 0) return null
  if (!(whole >= yearZeroSeconds && whole < yearTenThousandSeconds)) {
    throw new WireError("time outside of the years 0 to 9999")
  }
  const date = new Date(whole * 1000).toISOString().slice(0, 19)
  return micro ? `${date}.${String(fraction).padStart(6, "0")}Z` : `${date}Z`
}

/** Writes the Timestamp message of an RFC 3339 text. */
export function writeTime(writer: WireWriter, text: string, micro: boolean): void {
  const milliseconds = Date.parse(text)
  const match =
    /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.(\d{1,9})\d*)?(?:[Zz]|[+-]\d\d:\d\d)$/.exec(text)
  if (!match || Number.isNaN(milliseconds)) throw new WireError("not an RFC 3339 time")
  const micros = micro ? Number((match[1] ?? "").slice(0, 6).padEnd(6, "0")) : 0
  writer.varint(micros * 1000)
  writer.tag(2, 0)
  writer.varint(Math.floor(milliseconds / 1000))
  writer.tag(1, 0)
}

/** Go's text for a duration given in a message with the nanoseconds as field 1. */
export function durationToJson(reader: WireReader): string {
  const [nanoseconds = 0] = readVarints(reader)
  const total = BigInt(nanoseconds)
  const size = total < 0n ? -total : total
  const sign = total < 0n ? "-" : ""
  if (size === 0n) return "0s"
  if (size < 1_000n) return `${sign}${size}ns`
  if (size < 1_000_000n) return `${sign}${decimal(size, 1_000n)}µs`
  if (size < 1_000_000_000n) return `${sign}${decimal(size, 1_000_000n)}ms`
  const minutes = size / 60_000_000_000n
  const seconds = `${decimal(size % 60_000_000_000n, 1_000_000_000n)}s`
  if (minutes === 0n) return sign + seconds
  const hours = minutes / 60n
  return `${sign}${hours > 0n ? `${hours}h` : ""}${minutes % 60n}m${seconds}`
}

const durationUnits: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  µs: 1_000n,
  μs: 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
}

/** Writes the message of a Go duration text such as `1h0m30.5s`. */
export function writeDuration(writer: WireWriter, text: string): void {
  const match = /^([+-]?)((?:\d+(?:\.\d+)?(?:ns|us|µs|μs|ms|s|m|h))+|0)$/.exec(text)
  if (!match) throw new WireError("not a duration")
  let total = 0n
  for (const part of (match[2] ?? "").matchAll(/(\d+)(?:\.(\d+))?(ns|us|µs|μs|ms|s|m|h)/g)) {
    const unit = durationUnits[part[3] ?? ""] ?? 0n
    const fraction = part[2] ?? ""
    total += BigInt(part[1] ?? 0) * unit
    total += (BigInt(fraction || 0) * unit) / 10n ** BigInt(fraction.length)
  }
  writer.varint(match[1] === "-" ? -total : total)
  writer.tag(1, 0)
}

function decimal(value: bigint, unit: bigint): string {
  const digits = String(unit).length - 1
  const fraction = String(value % unit)
    .padStart(digits, "0")
    .replace(/0+$/, "")
  return `${value / unit}${fraction === "" ? "" : `.${fraction}`}`
}

/** Fields 1 and 2 of a message of varints. */
function readVarints(reader: WireReader): readonly (number | bigint | undefined)[] {
  const values: (number | bigint | undefined)[] = []
  while (!reader.done) {
    const { number, wire } = reader.tag()
    if (number > 2) reader.skip(wire)
    else if (wire !== 0) throw new WireError(`wire type ${wire} for a number`)
    else values[number - 1] = reader.int64()
  }
  return values
}
