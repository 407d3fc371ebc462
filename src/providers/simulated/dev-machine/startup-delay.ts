import { derivedFraction } from "../deterministic.ts"

/** `provisioning` of a part of a simulated machine. */
export interface Provisioning {
  readonly startupDuration: string
  readonly startupJitter?: string | undefined
}

/** A duration that cannot be read; the message names the text. */
export class DurationError extends Error {
  override readonly name = "DurationError"
}

const unitsMs: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
}

/** Milliseconds of a Go duration such as `1m30s`. Errors: `DurationError`. */
export function parseDuration(text: string): number {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/g)]
  const covered = parts.reduce((length, [whole]) => length + whole.length, 0)
  if (text === "0") return 0
  if (parts.length === 0 || covered !== text.length) {
    throw new DurationError(`read duration: ${JSON.stringify(text)} is not a duration`)
  }
  return parts.reduce((sum, [, value, unit]) => sum + Number(value) * (unitsMs[unit ?? ""] ?? 0), 0)
}

/** How long a part takes to come up; the jitter of one machine is always the same. */
export function startupDelayMs(provisioning: Provisioning | undefined, seed: string): number {
  if (!provisioning) return 0
  const jitter = Number(provisioning.startupJitter ?? 0) || 0
  return parseDuration(provisioning.startupDuration) * (1 + jitter * derivedFraction(seed))
}
