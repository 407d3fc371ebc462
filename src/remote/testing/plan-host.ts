import { randomHex } from "#base"
import { readdir, readFile } from "node:fs/promises"
import { join } from "node:path"

import { follow, type FollowEvent } from "../follow-plan.ts"
import type { Host } from "../host.ts"
import type { Plan, PlanStep } from "../plan.ts"
import type { ClaimHolder, PlanAddress } from "../plan-address.ts"
import { type PlanStatus, status } from "../plan-status.ts"

/** A holder with a claim id of its own. */
export function newHolder(more: Partial<ClaimHolder> = {}): ClaimHolder {
  return { claim: `claim-${randomHex(6)}`, epoch: 1, holder: "default/machine of a test", ...more }
}

/** A plan of `sh` commands. */
export function commandPlan(
  commands: Readonly<Record<string, string>>,
  more: Readonly<Record<string, Partial<PlanStep>>> = {},
): Plan {
  const steps = Object.entries(commands).map(([name, command]): PlanStep => ({
    name,
    action: { kind: "command", command },
    ...more[name],
  }))
  return { version: 1, steps }
}

/** Follows a plan until its runner is gone, and says how it stands then. */
export async function settle(
  host: Host,
  address: PlanAddress,
): Promise<{ readonly status: PlanStatus; readonly events: readonly FollowEvent[] }> {
  const events = await Array.fromAsync(follow(host, address))
  return { status: await status(host, address), events }
}

/** The output in a list of events, as one text. */
export function outputOf(events: readonly FollowEvent[]): string {
  return events.map((event) => (event.type === "output" ? event.text : "")).join("")
}

/** Process ids of everything that a claim's runners started on this machine. */
export async function processesOf(claim: string): Promise<number[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name))
  const found = await Promise.all(
    pids.map(async (pid) => {
      const text = await readFile(join("/proc", pid, "environ"), "latin1").catch(() => "")
      return text.split("\0").includes(`MOTHERSHIP_RUN=${claim}`) ? [Number(pid)] : []
    }),
  )
  return found.flat()
}

/** What a power cut does to a claim's runner and its step: they are gone at once. */
export async function cutPower(claim: string): Promise<void> {
  for (;;) {
    const pids = await processesOf(claim)
    if (pids.length === 0) return
    for (const pid of pids) {
      try {
        process.kill(pid, "SIGKILL")
      } catch {
        // It ended by itself in between.
      }
    }
  }
}
