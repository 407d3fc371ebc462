import type { Host } from "./host.ts"
import { InvalidPlanError } from "./host-error.ts"

/** Which plan on a host is meant. */
export interface PlanAddress {
  /** The id that owns the host: lower-case letters, digits and `-`. */
  readonly claim: string
  /** A claim can have several plans, one after the other; `bootstrap` unless given. */
  readonly plan?: string | undefined
}

/** Who is at work: of two that hold the same claim, the one with the higher epoch is right. */
export interface ClaimHolder extends PlanAddress {
  readonly epoch: number
  /** For people: whose claim this is, as another plane's error will show it. */
  readonly holder: string
}

export interface PlanPaths {
  readonly root: string
  readonly claim: string
  readonly claimDir: string
  readonly name: string
  readonly planDir: string
}

/** Throws InvalidPlan for names that could mean another place. */
export function pathsOf(host: Host, { claim, plan = "bootstrap" }: PlanAddress): PlanPaths {
  for (const name of [claim, plan]) {
    if (!/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(name)) {
      throw new InvalidPlanError(`find plan: ${JSON.stringify(name)} is not a name`)
    }
  }
  const root = host.layout.rootDir
  const claimDir = `${root}/${claim}`
  return { root, claim, claimDir, name: plan, planDir: `${claimDir}/${plan}` }
}
