import { isObject } from "#base"

import { type Answer, ask } from "./ask.ts"
import { frameFunctions } from "./frames.ts"
import type { Host } from "./host.ts"
import { HostOperationError } from "./host-error.ts"
import { type JournalEvent, parseJournal, type StepStatus, stepStatusOf } from "./journal.ts"
import { type PlanAddress, pathsOf } from "./plan-address.ts"
import type { StepTitle } from "./plan-files.ts"
import { printable, redact } from "./redact.ts"

/**
 * `absent`: no plan of that name was started. `running`: its runner lives. `stopped`: the runner
 * died, or the host was rebooted, and `start` would go on. `failed`, `interrupted`: nothing goes on
 * until `retry`. `succeeded`: every step is done and the payload is gone.
 */
export type PlanState = "absent" | "running" | "stopped" | "succeeded" | "failed" | "interrupted"

export interface PlanStatus {
  readonly state: PlanState
  /** Identifies the content of the plan; undefined when absent. */
  readonly planId: string | undefined
  readonly currentStep: string | undefined
  readonly steps: readonly StepStatus[]
  readonly failure?: PlanFailure | undefined
}

export interface PlanFailure {
  readonly step: string
  readonly exitCode: number | undefined
  /** For people, such as `exited with code 1` or `was interrupted: no-check`. */
  readonly detail: string
  /** The end of the step's output, redacted, at most 4 KiB. */
  readonly outputTail: string
}

/**
 * Sets `alive` to 1 while the runner whose identity lies in the file `runner` lives, and `running`
 * to the nonce it was started with.
 */
export const runnerProbe = `
alive=0
running=
{
  if read -r pid started boot running <runner &&
    IFS= read -r now </proc/sys/kernel/random/boot_id && [ "$boot" = "$now" ] &&
    IFS= read -r stat <"/proc/$pid/stat"; then
    set -- \${stat##*) }
    if [ "\${20}" = "$started" ] && [ "$1" != Z ]; then alive=1; fi
  fi
} 2>/dev/null
`

/** Answers with what `readStatus` reads; expects `dir`. */
export const statusScript = `
${frameFunctions}
answer_status() {
  cd "$dir" 2>/dev/null && [ -f plan.id ] || return 0
  ${runnerProbe}
  emit alive "$alive"
  emit_file id plan.id
  emit_file steps steps.json
  emit_file secrets payload/secrets
  emit_file journal journal
  last=$(awk '$1 == "started" && !/~$/ { name = $2 "." $3 } END { print name }' journal 2>/dev/null)
  if [ -n "$last" ] && [ -f "output/$last" ]; then
    size=$(($(tail -c 32768 "output/$last" | wc -c)))
    printf 'output %s\n' $size
    tail -c 32768 "output/$last" | head -c $size
    echo
  fi
}
`

/** Asks how a plan stands; changes nothing on the host. */
export async function status(host: Host, address: PlanAddress): Promise<PlanStatus> {
  const { planDir } = pathsOf(host, address)
  const script = `${statusScript}answer_status`
  return readStatus(await ask(host, { what: "read plan status", values: { dir: planDir }, script }))
}

/** Reads the answer of `answer_status`. */
export function readStatus(answer: Answer): PlanStatus {
  const planId = answer.get("id")
  if (planId === undefined) {
    return { state: "absent", planId: undefined, currentStep: undefined, steps: [] }
  }
  const alive = answer.get("alive") === "1"
  const events = parseJournal(answer.get("journal") ?? "")
  const steps = readTitles(answer.get("steps") ?? "[]").map(({ name, title }) =>
    stepStatusOf(name, title, events, alive),
  )
  const state = stateOf(steps, events, alive)
  const current = steps.find((step) => step.state !== "done")
  const secrets = (answer.get("secrets") ?? "").split("\n")
  const output = redact(printable(answer.get("output") ?? ""), secrets)
  const failure = current && failureOf(state, current, output)
  return { state, planId, currentStep: current?.name, steps, ...(failure ? { failure } : {}) }
}

function stateOf(
  steps: readonly StepStatus[],
  events: readonly JournalEvent[],
  alive: boolean,
): PlanState {
  if (events.some((event) => event.type === "ended")) return "succeeded"
  if (alive) return "running"
  if (steps.some((step) => step.state === "failed")) return "failed"
  if (steps.some((step) => step.interruption !== undefined)) return "interrupted"
  return "stopped"
}

function failureOf(state: PlanState, step: StepStatus, output: string): PlanFailure | undefined {
  if (state !== "failed" && state !== "interrupted") return undefined
  const detail =
    state === "failed"
      ? `exited with code ${step.exitCode ?? "unknown"}`
      : `was interrupted: ${step.interruption ?? "unknown"}`
  return { step: step.name, exitCode: step.exitCode, detail, outputTail: output.slice(-4096) }
}

function readTitles(json: string): StepTitle[] {
  const value: unknown = JSON.parse(json)
  if (!Array.isArray(value)) throw new HostOperationError("read plan status: steps are not a list")
  return value.filter(isObject).map(({ name, title }) => ({
    name: String(name),
    title: String(title),
  }))
}
