const daysInMonth = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

/** `2006-01-02`, a day that exists. */
export function isDate(text: string): boolean {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text)
  if (!match) return false
  const [year, month, day] = match.slice(1).map(Number) as [number, number, number]
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0
  const days = month === 2 && leap ? 29 : (daysInMonth[month - 1] ?? 0)
  return day >= 1 && day <= days
}

/** RFC 3339 with any case of `T` and `Z`. */
export function isDateTime(text: string): boolean {
  const match = /^([^T]+)T(\d{2}):(\d{2}):(\d{2})(?:[.,]\d+)?(?:Z|[+-]\d{2}:\d{2})$/i.exec(text)
  if (!match) return false
  const [, date = "", hours, minutes, seconds] = match
  return isDate(date) && Number(hours) <= 23 && Number(minutes) <= 59 && Number(seconds) <= 59
}

const exactUnits: ReadonlySet<string> = new Set("ns us µs \u03bcs ms s m h hr d w wk".split(" "))
const unitStarts = ["nano", "micro", "milli", "sec", "min", "hour", "day", "week"]
const mostDigits = 18

/**
 * A Go duration (`1h30m`), or text with at least one amount and unit in it (`2 weeks`), as upstream
 * has always taken it. One pass over the text.
 */
export function isDuration(text: string): boolean {
  if (/^[+-]?0$/.test(text)) return true
  let found = false
  let at = 0
  while (at < text.length) {
    const digits = runLength(text, at, isDigit)
    if (digits === 0) {
      at += 1
      continue
    }
    at += digits
    const unitAt = at + runLength(text, at, isSpace)
    const letters = runLength(text, unitAt, isUnitLetter)
    if (letters > 0 && digits > mostDigits) return false
    found ||= letters > 0 && isUnit(text.slice(unitAt, unitAt + letters).toLowerCase())
    at = unitAt + letters
  }
  return found
}

function isUnit(unit: string): boolean {
  return exactUnits.has(unit) || unitStarts.some((start) => unit.startsWith(start))
}

function runLength(text: string, from: number, accepts: (code: number) => boolean): number {
  let end = from
  while (end < text.length && accepts(text.charCodeAt(end))) end += 1
  return end - from
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57
}

function isSpace(code: number): boolean {
  return code === 32 || (code >= 9 && code <= 13)
}

function isUnitLetter(code: number): boolean {
  return (
    (code >= 65 && code <= 90) || (code >= 97 && code <= 122) || code === 0xb5 || code === 0x3_bc
  )
}
