import { randomHex } from "#base"

import { ask } from "./ask.ts"
import { checkClaim, claimScript, claimValues } from "./claim-host.ts"
import type { Host, StreamContent } from "./host.ts"
import { DiskFullError, HostOperationError, isDiskFull } from "./host-error.ts"
import { launchRunner } from "./launch-runner.ts"
import { parsePlan, type Plan, type PlanArtifact } from "./plan.ts"
import { type ClaimHolder, pathsOf } from "./plan-address.ts"
import { packPlan, planIdOf } from "./plan-files.ts"
import { type PlanStatus, readStatus, status, statusScript } from "./plan-status.ts"
import { assign } from "./remote-shell.ts"
import { quote } from "./shell-quote.ts"

export interface StartOptions extends ClaimHolder {
  readonly content: Plan
  /** Opens an artifact that the plan installs; asked only for what the host does not have. */
  readonly openArtifact?: ((sha256: string) => Promise<StreamContent>) | undefined
  readonly onUpload?: ((progress: UploadProgress) => void) | undefined
  readonly signal?: AbortSignal | undefined
}

export interface UploadProgress {
  readonly path: string
  readonly sentBytes: number
  readonly sizeBytes: number
}

export interface StartResult {
  /**
   * `started`: the runner was started, for the first time or to go on after an interruption.
   * `attached`: it was alive. `standing`: the plan is over, or waits for `retry`.
   */
  readonly outcome: "started" | "attached" | "standing"
  /** False when the host holds another plan of this name that has begun; that one goes on. */
  readonly samePlan: boolean
  readonly status: PlanStatus
}

/**
 * Takes the host and makes sure that the plan runs there. Calling it again is always safe: nothing
 * that ran is run twice. Throws InvalidPlan, HostInUse, StaleEpoch, HostUnsupported, DiskFull, ….
 */
export async function start(host: Host, options: StartOptions): Promise<StartResult> {
  const plan = parsePlan(options.content)
  const planId = planIdOf(plan)
  const before = await prepare(host, options)
  const begun = before.steps.some((step) => step.attempts > 0) || before.state === "succeeded"
  if (before.state === "absent" || (!begun && before.planId !== planId)) {
    if (before.state !== "running") {
      await uploadArtifacts(host, options, plan)
      await uploadPlan(host, options, plan)
    }
  } else if (before.state === "stopped") await uploadArtifacts(host, options, plan)
  const standing = ["succeeded", "failed", "interrupted"].includes(before.state)
  const outcome = standing ? "standing" : await launchRunner(host, options)
  const after = standing ? before : await status(host, options)
  return {
    outcome: outcome === "launched" ? "started" : outcome,
    samePlan: after.planId === planId,
    status: after,
  }
}

async function prepare(host: Host, options: StartOptions): Promise<PlanStatus> {
  const { planDir } = pathsOf(host, options)
  const answer = await ask(host, {
    what: "claim host",
    values: { ...claimValues(host, options), dir: planDir },
    script: `${claimScript(host)}${statusScript}take_host\nanswer_status`,
    signal: options.signal,
  })
  checkClaim(host, options, answer)
  return readStatus(answer)
}

/**
 * Puts the new directory in the place of one that has not begun; whoever comes second with the same
 * plan yields, since the first may be about to start it from where it lies.
 */
const placeScript = `
new=$claimDir/.$name.$nonce
mkdir -p "$new" || exit 1
trap 'rm -rf "$new"' EXIT
trap 'exit 143' HUP INT TERM
tar -xf - -C "$new" || exit 1
[ -f "$new/plan.id" ] || { echo "the archive is not whole" >&2; exit 1; }
sync
exec 9>>"$claimDir/setup.lock"
flock 9
if [ -f "$dir/journal" ]; then exit 0; fi
if [ "$(cat "$dir/plan.id" 2>/dev/null)" = "$(cat "$new/plan.id")" ]; then exit 0; fi
if [ -e "$dir" ]; then mv "$dir" "$new/old" && rm -rf "$new/old" || exit 1; fi
mv "$new" "$dir" || exit 1
sync "$claimDir" 2>/dev/null || sync
`

async function uploadPlan(host: Host, options: StartOptions, plan: Plan): Promise<void> {
  const { claimDir, planDir, name } = pathsOf(host, options)
  const values = { claimDir, dir: planDir, name, nonce: randomHex(8) }
  await send(host, "upload plan", assign(values) + placeScript, packPlan(plan))
}

async function send(host: Host, what: string, script: string, stdin: Buffer): Promise<void> {
  const prelude = "LC_ALL=C; export LC_ALL; umask 077\n"
  const result = await host.run(prelude + script, { stdin, timeoutMs: 300_000 })
  if (result.exitCode === 0) return
  const said = result.stderr.trim().slice(-2000) || `exit code ${result.exitCode}`
  const message = `${what} to ${host.address.address}: ${said}`
  throw isDiskFull(said) ? new DiskFullError(message) : new HostOperationError(message)
}

/** Prints the digests that are neither installed where they belong nor uploaded. */
const missingScript = `
LC_ALL=C; export LC_ALL
has() { [ -f "$2" ] && sum=$(sha256sum <"$2") && [ "\${sum%% *}" = "$1" ]; }
want() { has "$1" "$2" || has "$1" "$artifacts/$1" || echo "$1"; }
`

async function uploadArtifacts(host: Host, options: StartOptions, plan: Plan): Promise<void> {
  const wanted = plan.steps.flatMap(({ action }) =>
    action.kind === "install" ? action.artifacts : [],
  )
  if (wanted.length === 0) return
  const artifactsDir = `${pathsOf(host, options).claimDir}/artifacts`
  const missing = await missingArtifacts(host, artifactsDir, wanted)
  for (const [sha256, { path }] of missing) {
    if (!options.openArtifact) {
      throw new HostOperationError(`upload artifact for ${path}: nothing can open ${sha256}`)
    }
    const content = await options.openArtifact(sha256)
    const { sizeBytes } = content
    await host.upload(
      `${artifactsDir}/${sha256}`,
      { ...content, sha256 },
      {
        mode: "0600",
        signal: options.signal,
        progress: (sentBytes) => options.onUpload?.({ path, sentBytes, sizeBytes }),
      },
    )
  }
}

async function missingArtifacts(
  host: Host,
  artifactsDir: string,
  wanted: readonly PlanArtifact[],
): Promise<ReadonlyMap<string, PlanArtifact>> {
  const values = assign({ artifacts: artifactsDir })
  const calls = wanted.map(({ sha256, path }) => `want ${sha256} ${quote(path)}\n`)
  const result = await host.run(values + missingScript + calls.join(""), { timeoutMs: 300_000 })
  const digests = new Set(result.stdout.split("\n"))
  return new Map(
    wanted
      .filter(({ sha256 }) => digests.has(sha256))
      .map((artifact) => [artifact.sha256, artifact]),
  )
}
