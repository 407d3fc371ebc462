import { ask } from "./ask.ts"
import { checkClaim, claimScript, claimValues } from "./claim-host.ts"
import type { Host } from "./host.ts"
import { PlanStateError } from "./host-error.ts"
import { mendFunction, type StepStatus } from "./journal.ts"
import { launchRunner } from "./launch-runner.ts"
import { type ClaimHolder, pathsOf } from "./plan-address.ts"
import { type PlanStatus, status } from "./plan-status.ts"

export interface RetryOptions extends ClaimHolder {
  /** Runs this step and all behind it again; the one that stopped the plan unless given. */
  readonly from?: string | undefined
  /** Takes the step that stopped the plan as done, and goes on behind it. */
  readonly markDone?: string | undefined
}

/**
 * Under the runner's own lock: a plan that runs is not touched. What a step that was killed left
 * behind may hold the lock for a moment longer than the runner lives.
 */
const retryScript = `
${mendFunction}
check_owner
check_epoch
cd "$dir" || exit 1
exec 9>>../lock
waited=0
until flock -n 9; do
  if [ "$waited" -ge 10 ]; then emit running 1; exit 0; fi
  waited=$((waited + 1))
  sleep 1
done
mend journal || exit 1
now=$(date -u +%Y-%m-%dT%H:%M:%SZ)
for line in $lines; do
  case $line in
  retry:*) echo "retry \${line#retry:} $now" ;;
  done:*) rest=\${line#done:}; echo "finished \${rest%:*} \${rest##*:} 0 $now marked" ;;
  esac
done >>journal || exit 1
sync journal 2>/dev/null || sync
`

/**
 * Lets a plan that failed or was interrupted go on. Throws PlanState when it is running, over or
 * absent, or when the steps named are not the ones that can be retried.
 */
export async function retry(host: Host, options: RetryOptions): Promise<PlanStatus> {
  const before = await status(host, options)
  const lines = linesFor(before, options)
  const { planDir } = pathsOf(host, options)
  const answer = await ask(host, {
    what: "retry plan",
    values: { ...claimValues(host, options), dir: planDir, lines: lines.join(" ") },
    script: claimScript(host) + retryScript,
  })
  checkClaim(host, options, answer)
  if (answer.has("running")) throw new PlanStateError("retry plan: it is running")
  await launchRunner(host, options)
  return status(host, options)
}

function linesFor(before: PlanStatus, { from, markDone }: RetryOptions): string[] {
  if (before.state !== "failed" && before.state !== "interrupted" && before.state !== "stopped") {
    throw new PlanStateError(`retry plan: it is ${before.state}`)
  }
  const current = before.steps.find((step) => step.state !== "done")
  if (!current) return []
  if (markDone !== undefined) {
    if (markDone !== current.name) {
      const message = `retry plan: step ${markDone} cannot be marked done, the plan stands at ${current.name}`
      throw new PlanStateError(message)
    }
    return [`done:${current.name}:${current.attempts}`]
  }
  return stepsFrom(before.steps, from ?? current.name, current).map(({ name }) => `retry:${name}`)
}

function stepsFrom(
  steps: readonly StepStatus[],
  from: string,
  current: StepStatus,
): readonly StepStatus[] {
  const first = steps.findIndex((step) => step.name === from)
  const last = steps.indexOf(current)
  if (first < 0) throw new PlanStateError(`retry plan: it has no step ${from}`)
  if (first > last) {
    const message = `retry plan: step ${from} comes after ${current.name}, which is not done`
    throw new PlanStateError(message)
  }
  return steps.slice(first, last + 1)
}
