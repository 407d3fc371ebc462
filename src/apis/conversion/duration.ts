import { ConversionError } from "./error.ts"

const unitSeconds: Readonly<Record<string, number>> = {
  ns: 1e-9,
  us: 1e-6,
  "\u00b5s": 1e-6,
  "\u03bcs": 1e-6,
  ms: 1e-3,
  s: 1,
  m: 60,
  h: 3600,
}

const maxSeconds = 2 ** 31 - 1

const term = /([0-9]+\.?[0-9]*|\.[0-9]+)(ns|us|\u00b5s|\u03bcs|ms|s|m|h)/gy

/** Whole seconds of a Go duration such as `1h2m3.5s`, cut off towards zero and at 32 bits. */
export function parseDurationSeconds(text: string): number {
  const sign = text.startsWith("-") ? -1 : 1
  const body = text.replace(/^[+-]/, "")
  if (body === "0") return 0
  let seconds = 0
  let end = 0
  for (const [match, amount, unit] of body.matchAll(term)) {
    seconds += Number(amount) * (unitSeconds[unit ?? ""] ?? 0)
    end += match.length
  }
  if (end === 0 || end !== body.length) {
    throw new ConversionError(`parse duration: ${JSON.stringify(text)} is not a Go duration`)
  }
  const whole = Math.min(Math.trunc(Number(seconds.toFixed(9))), maxSeconds)
  return whole === 0 ? 0 : sign * whole
}

/** A number of seconds as Go prints it: `1h0m5s`, `5m0s`, `10s`. */
export function formatDurationSeconds(seconds: number): string {
  const rest = Math.abs(seconds)
  const [hours, minutes] = [Math.floor(rest / 3600), Math.floor((rest % 3600) / 60)]
  let text = `${rest % 60}s`
  if (rest >= 60) text = `${minutes}m${text}`
  if (rest >= 3600) text = `${hours}h${text}`
  return seconds < 0 ? `-${text}` : text
}
