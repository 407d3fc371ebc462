const second = 1000
const minute = 60
const hour = 60 * minute
const day = 24 * hour
const year = 365 * day

/** An age as `kubectl` writes it: two to three significant figures, `5m30s`, `2d4h`, `3y`. */
export function formatAge(elapsedMs: number): string {
  const seconds = Math.trunc(elapsedMs / second)
  if (seconds < -1) return "<invalid>"
  if (seconds < 0) return "0s"
  if (seconds < 2 * minute) return `${seconds}s`
  if (seconds < 10 * minute) return twoUnits(seconds, [minute, "m"], [1, "s"])
  if (seconds < 3 * hour) return `${Math.trunc(seconds / minute)}m`
  if (seconds < 8 * hour) return twoUnits(seconds, [hour, "h"], [minute, "m"])
  if (seconds < 2 * day) return `${Math.trunc(seconds / hour)}h`
  if (seconds < 8 * day) return twoUnits(seconds, [day, "d"], [hour, "h"])
  if (seconds < 2 * year) return `${Math.trunc(seconds / day)}d`
  if (seconds < 8 * year) return twoUnits(seconds, [year, "y"], [day, "d"])
  return `${Math.trunc(seconds / year)}y`
}

type Unit = readonly [seconds: number, letter: string]

function twoUnits(seconds: number, large: Unit, small: Unit): string {
  const rest = Math.trunc((seconds % large[0]) / small[0])
  const first = `${Math.trunc(seconds / large[0])}${large[1]}`
  return rest === 0 ? first : `${first}${rest}${small[1]}`
}
