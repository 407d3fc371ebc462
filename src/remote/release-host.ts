import { ask } from "./ask.ts"
import { checkClaim, claimScript, claimValues } from "./claim-host.ts"
import { follow, type FollowEvent } from "./follow-plan.ts"
import type { Host } from "./host.ts"
import { CleanupFailedError } from "./host-error.ts"
import { type Plan, parsePlan, type PlanStep } from "./plan.ts"
import { type ClaimHolder, pathsOf } from "./plan-address.ts"
import { planIdOf } from "./plan-files.ts"
import { type PlanStatus, status } from "./plan-status.ts"
import { retry } from "./retry-plan.ts"
import { start } from "./start-plan.ts"
import { stop } from "./stop-plans.ts"

export interface ReleaseOptions extends Omit<ClaimHolder, "plan"> {
  /** What cleans the host; none gives it back as it is. */
  readonly steps: readonly PlanStep[]
  readonly secrets?: readonly string[] | undefined
  /** Runs a cleaning again that failed before, from the step that failed. */
  readonly retry?: boolean | undefined
  readonly onEvent?: ((event: FollowEvent) => void) | undefined
  readonly signal?: AbortSignal | undefined
}

/**
 * Stops what the claim runs, cleans the host as a plan of its own, and gives the host back. A
 * second call goes on where the first was cut off; a host that the claim does not own is left
 * alone. Throws CleanupFailed when a step fails: the host stays claimed.
 */
export async function release(host: Host, options: ReleaseOptions): Promise<void> {
  await stopOthers(host, options)
  if (options.steps.length > 0 && (await owns(host, options))) await clean(host, options)
  const { root, claim, claimDir } = pathsOf(host, options)
  const answer = await ask(host, {
    what: "release host",
    values: { ...claimValues(host, { ...options }), root, claim, claimDir },
    script: `${claimScript(host)}${releaseScript}`,
    signal: options.signal,
  })
  checkClaim(host, options, answer)
}

/** The owner goes first: a directory without one is only litter, an owner without one a riddle. */
const releaseScript = `
check_owner
check_epoch
if [ -n "$owner" ]; then
  rm -f "$root/owner" || exit 1
  sync "$root" 2>/dev/null || sync
fi
rm -rf "$claimDir"
`

const ownsScript = `check_owner\ncheck_epoch\nemit owned "$owner"\n`

async function owns(host: Host, options: ReleaseOptions): Promise<boolean> {
  const values = claimValues(host, options)
  const script = claimScript(host) + ownsScript
  const answer = await ask(host, { what: "release host", values, script, signal: options.signal })
  checkClaim(host, options, answer)
  return answer.get("owned") !== ""
}

/** The name follows from the content, so that changed steps are not taken for those that failed. */
function cleanupOf(options: ReleaseOptions): { readonly name: string; readonly plan: Plan } {
  const secrets = options.secrets ?? []
  const plan = parsePlan({ version: 1, steps: options.steps, secrets })
  return { plan, name: `cleanup-${planIdOf(plan).slice(0, 12)}` }
}

/** A cleaning that is under way is not stopped: it is what is to happen. */
async function stopOthers(host: Host, options: ReleaseOptions): Promise<void> {
  if (options.steps.length > 0) {
    const running = await status(host, { claim: options.claim, plan: cleanupOf(options).name })
    if (running.state === "running") return
  }
  await stop(host, options)
}

async function clean(host: Host, options: ReleaseOptions): Promise<void> {
  const { plan, name } = cleanupOf(options)
  const holder = { ...options, plan: name }
  const began = await start(host, { ...holder, content: plan })
  const failed = began.status.state === "failed" || began.status.state === "interrupted"
  let current = began.status
  if (failed && began.outcome === "standing" && options.retry) current = await retry(host, holder)
  for (let rounds = 0; current.state === "running" || current.state === "stopped"; rounds += 1) {
    if (current.state === "stopped") {
      if (rounds > 5) break
      await start(host, { ...holder, content: plan })
    }
    for await (const event of follow(host, { ...holder, signal: options.signal })) {
      options.onEvent?.(event)
    }
    current = await status(host, holder)
  }
  if (current.state !== "succeeded") throw cleanupFailure(current)
}

function cleanupFailure({ failure, currentStep, state }: PlanStatus): CleanupFailedError {
  if (!failure) return new CleanupFailedError(currentStep ?? "unknown", `is ${state}`, "")
  return new CleanupFailedError(failure.step, failure.detail, failure.outputTail)
}
