import { createHash } from "node:crypto"

import { defaultStepTimeoutSeconds, type Plan, type PlanAction, type PlanStep } from "./plan.ts"
import { secretLines } from "./redact.ts"
import { actionLibrary, attemptScript, runnerScript } from "./runner.script.ts"
import { quote } from "./shell-quote.ts"
import { packTar, type TarEntry } from "./tar.ts"

/** What people are shown of a step. */
export interface StepTitle {
  readonly name: string
  readonly title: string
}

/** Identifies a plan by its content. */
export function planIdOf(plan: Plan): string {
  return createHash("sha256").update(JSON.stringify(plan)).digest("hex").slice(0, 32)
}

/** The files of a plan's directory on the host, as a tar archive; `plan.id` comes last. */
export function packPlan(plan: Plan): Buffer {
  const titles: StepTitle[] = plan.steps.map(({ name, title }) => ({ name, title: title ?? name }))
  const secrets = secretLines(plan.secrets ?? [])
  return packTar([
    file("runner.sh", runnerScript),
    file("attempt.sh", attemptScript),
    file("actions.sh", actionLibrary),
    file("steps", plan.steps.map(({ name }) => `${name}\n`).join("")),
    file("steps.json", JSON.stringify(titles)),
    file("attempts/", ""),
    file("output/", ""),
    file("payload/", ""),
    file("payload/secrets", secrets.map((line) => `${line}\n`).join("")),
    ...plan.steps.flatMap(packStep),
    file("plan.id", `${planIdOf(plan)}\n`),
  ])
}

function packStep(step: PlanStep): TarEntry[] {
  const dir = `payload/${step.name}`
  const entries = [
    file(`${dir}/`, ""),
    file(`${dir}/timeout`, `${step.timeoutSeconds ?? defaultStepTimeoutSeconds}\n`),
    ...packAction(step.action, dir),
  ]
  if (step.action.kind !== "command") entries.push(file(`${dir}/repeatable`, ""))
  if (step.check !== undefined) entries.push(file(`${dir}/check.sh`, inRoot(step.check)))
  if (step.recover !== undefined) entries.push(file(`${dir}/recover.sh`, inRoot(step.recover)))
  return entries
}

/** What a command may count on, whoever started the runner. */
const environment = "umask 022\nunset LC_ALL\nHOME=${HOME:-/root}; export HOME\n"

function inRoot(script: string): string {
  return `${environment}cd /\n${script}\n`
}

function packAction(action: PlanAction, dir: string): TarEntry[] {
  if (action.kind === "files") {
    const calls = action.files.map(({ path, mode = "0644", owner = "root", append }, index) => {
      const source = `${dir}/${index}`
      const target = `${quote(path)} ${mode} ${quote(owner)}`
      return append
        ? `append_file ${source} ${target} append/${dir.slice("payload/".length)}.${index} || exit 1\n`
        : `put_file ${source} ${target} || exit 1\n`
    })
    return [
      file(`${dir}/run.sh`, `. ./actions.sh\n${calls.join("")}`),
      ...action.files.map(({ content }, index) => ({
        name: `${dir}/${index}`,
        content: Buffer.from(content, "base64"),
      })),
    ]
  }
  if (action.kind === "install") {
    const calls = action.artifacts.map(
      ({ path, sha256, mode = "0755", owner = "root" }) =>
        `install_artifact ${sha256} ${quote(path)} ${mode} ${quote(owner)} || exit 1\n`,
    )
    return [file(`${dir}/run.sh`, `. ./actions.sh\n${calls.join("")}`)]
  }
  const { command } = action
  const script = typeof command === "string" ? command : command.map(quote).join(" ")
  return [
    file(`${dir}/command.sh`, `${script}\n`),
    file(`${dir}/run.sh`, action.shared ? sharedCommand(dir) : plainCommand(dir)),
  ]
}

function plainCommand(dir: string): string {
  return `${environment}script=$PWD/${dir}/command.sh\ncd /\nexec sh "$script"\n`
}

function sharedCommand(dir: string): string {
  return `${environment}mothership_dir=$PWD
cd /
if [ -f "$mothership_dir/session/variables" ]; then
  . "$mothership_dir/session/variables"
  cd "$(cat "$mothership_dir/session/directory")" || exit 1
fi
mothership_keep() {
  umask 077
  mkdir -p "$mothership_dir/session" &&
    export -p >"$mothership_dir/session/variables" && pwd >"$mothership_dir/session/directory"
}
trap 'mothership_code=$?; mothership_keep; exit $mothership_code' EXIT
. "$mothership_dir/${dir}/command.sh"
`
}

function file(name: string, content: string): TarEntry {
  return { name, content: Buffer.from(content) }
}
