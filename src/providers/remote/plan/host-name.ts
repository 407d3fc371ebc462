import type { Plan, PlanFile, PlanStep } from "#remote"

import { ProvisionError } from "./provision-error.ts"

const expression = /\{\{-?\s*((?:ds|v1)\b[^}]*?)\s*-?\}\}/g

const names: ReadonlySet<string> = new Set([
  "ds.meta_data.hostname",
  "ds.meta_data.local_hostname",
  "ds.meta_data['hostname']",
  "ds.meta_data['local_hostname']",
  'ds.meta_data["hostname"]',
  'ds.meta_data["local_hostname"]',
  "v1.local_hostname",
])

/**
 * Puts the host's name where cloud-init's templates ask for it. Throws ProvisionError for other
 * instance data, which a host that is reached over SSH does not have.
 */
export function resolveHostName(text: string, hostname: string): string {
  return text.replace(expression, (whole, inner: string) => {
    if (names.has(inner)) return hostname
    const message = `the bootstrap data asks for ${whole}, and of instance data only the host's name is known`
    throw new ProvisionError("InvalidCloudConfig", message)
  })
}

/** The same for files and commands of a plan. */
export function resolveHostNames(plan: Plan, hostname: string): Plan {
  return { ...plan, steps: plan.steps.map((step) => resolveStep(step, hostname)) }
}

function resolveStep(step: PlanStep, hostname: string): PlanStep {
  const { action } = step
  if (action.kind === "files") {
    const files = action.files.map((file) => resolveFile(file, hostname))
    return { ...step, action: { ...action, files } }
  }
  if (action.kind === "command") {
    const command =
      typeof action.command === "string"
        ? resolveHostName(action.command, hostname)
        : action.command.map((word) => resolveHostName(word, hostname))
    return { ...step, action: { ...action, command } }
  }
  return step
}

/** Bytes that are not text stay as they are. */
function resolveFile(file: PlanFile, hostname: string): PlanFile {
  const bytes = Buffer.from(file.content, "base64")
  if (!bytes.includes("{{")) return file
  const text = bytes.toString("utf8")
  if (!Buffer.from(text).equals(bytes)) return file
  return { ...file, content: Buffer.from(resolveHostName(text, hostname)).toString("base64") }
}
