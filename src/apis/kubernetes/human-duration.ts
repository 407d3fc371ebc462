const minuteMs = 60_000
const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs
const yearMs = 365 * dayMs

/** How `kubectl` prints a time span: two units at most, the smaller one only while it matters. */
export function humanDuration(spanMs: number): string {
  const seconds = Math.trunc(spanMs / 1000)
  if (seconds < -1) return "<invalid>"
  if (spanMs < 0) return "0s"
  if (seconds < 120) return `${seconds}s`
  if (spanMs < 10 * minuteMs) return twoUnits(spanMs, [minuteMs, "m"], [1000, "s"])
  if (spanMs < 180 * minuteMs) return `${Math.floor(spanMs / minuteMs)}m`
  if (spanMs < 8 * hourMs) return twoUnits(spanMs, [hourMs, "h"], [minuteMs, "m"])
  if (spanMs < 48 * hourMs) return `${Math.floor(spanMs / hourMs)}h`
  if (spanMs < 8 * dayMs) return twoUnits(spanMs, [dayMs, "d"], [hourMs, "h"])
  if (spanMs < 2 * yearMs) return `${Math.floor(spanMs / dayMs)}d`
  if (spanMs < 8 * yearMs) return twoUnits(spanMs, [yearMs, "y"], [dayMs, "d"])
  return `${Math.floor(spanMs / yearMs)}y`
}

type Unit = readonly [sizeMs: number, suffix: string]

function twoUnits(spanMs: number, [large, largeSuffix]: Unit, [small, smallSuffix]: Unit): string {
  const rest = Math.floor((spanMs % large) / small)
  return `${Math.floor(spanMs / large)}${largeSuffix}${rest === 0 ? "" : `${rest}${smallSuffix}`}`
}
