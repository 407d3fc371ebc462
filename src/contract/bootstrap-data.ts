import { createHash } from "node:crypto"
import type { Secret } from "#apis"
import { parsePlan, type Plan } from "#remote"
import { secretText } from "./cluster-secrets.ts"

/** The file on a host whose existence says that the bootstrap succeeded. */
export const bootstrapSentinel = "/run/cluster-api/bootstrap-success.complete"

/** What a bootstrap Secret holds, as contract and our addition have it. */
export interface BootstrapData {
  readonly value: string
  /** `cloud-config`, `ignition`, … */
  readonly format: string
  /** The steps that our own bootstrap providers write beside `value`, when they belong to it. */
  readonly plan: Plan | undefined
}

interface PlanEnvelope {
  readonly version: 1
  /** SHA-256 of `value`, hexadecimal: a plan beside another value is not that value's plan. */
  readonly valueHash: string
  readonly plan: Plan
}

/** The texts of a bootstrap Secret, plan included. */
export function bootstrapValues(value: string, plan: Plan): Readonly<Record<string, string>> {
  const envelope: PlanEnvelope = { version: 1, valueHash: hashOf(value), plan }
  return { value, format: "cloud-config", plan: JSON.stringify(envelope) }
}

/**
 * Reads a bootstrap Secret; undefined when it has no `value`. A plan that does not fit is passed
 * over.
 */
export function readBootstrapData(secret: Secret): BootstrapData | undefined {
  const value = secretText(secret, "value")
  if (value === undefined) return undefined
  return {
    value,
    format: secretText(secret, "format") ?? "cloud-config",
    plan: planOf(secretText(secret, "plan"), value),
  }
}

function planOf(text: string | undefined, value: string): Plan | undefined {
  if (text === undefined) return undefined
  try {
    const envelope = JSON.parse(text) as Partial<PlanEnvelope>
    const fits = envelope.version === 1 && envelope.valueHash === hashOf(value)
    return fits ? parsePlan(envelope.plan) : undefined
  } catch {
    return undefined
  }
}

function hashOf(value: string): string {
  return createHash("sha256").update(value).digest("hex")
}
