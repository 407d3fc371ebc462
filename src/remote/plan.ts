import { isObject } from "#base"

import { InvalidPlanError } from "./host-error.ts"

/** What is to happen on a host, step by step. JSON all through. */
export interface Plan {
  readonly version: 1
  readonly steps: readonly PlanStep[]
  /** Values that must not be seen in output; those of six characters and more are hidden. */
  readonly secrets?: readonly string[] | undefined
}

export interface PlanStep {
  /** Letters, digits, `.`, `_` and `-`; unique within its plan. */
  readonly name: string
  /** For people; the name stands in when absent. */
  readonly title?: string | undefined
  readonly action: PlanAction
  /**
   * A `sh` script that is asked only after an interruption: exit code 0 means the step is done, 1
   * that nothing of it happened, 2 that it is half done. Any other answer stops the plan.
   */
  readonly check?: string | undefined
  /** A `sh` script that clears a half done step away, so that it can run again. */
  readonly recover?: string | undefined
  /** 1800 unless given. */
  readonly timeoutSeconds?: number | undefined
}

export type PlanAction = FilesAction | CommandAction | InstallAction

/** Writes files in order, each whole or not at all. May run again after an interruption. */
export interface FilesAction {
  readonly kind: "files"
  readonly files: readonly PlanFile[]
}

export interface PlanFile {
  readonly path: string
  /** Base64. */
  readonly content: string
  /** Octal; `0644` unless given. */
  readonly mode?: string | undefined
  /** `user` or `user:group`; root unless given. */
  readonly owner?: string | undefined
  readonly append?: boolean | undefined
}

/** Runs one command: text is a `sh` script, a list is executed as it is. */
export interface CommandAction {
  readonly kind: "command"
  readonly command: string | readonly string[]
  /**
   * Hands working directory and exported variables on to the next shared command, as one script
   * would.
   */
  readonly shared?: boolean | undefined
}

/**
 * Puts artifacts in place, verified; what is right already is kept. May run again after an
 * interruption.
 */
export interface InstallAction {
  readonly kind: "install"
  readonly artifacts: readonly PlanArtifact[]
}

export interface PlanArtifact {
  readonly path: string
  /** Lower-case hexadecimal. */
  readonly sha256: string
  readonly mode?: string | undefined
  readonly owner?: string | undefined
}

export const defaultStepTimeoutSeconds = 1800

/** Checks that a value is a plan; throws InvalidPlan naming the first thing that is wrong. */
export function parsePlan(value: unknown): Plan {
  const plan = record(value, "plan")
  if (plan["version"] !== 1) fail("plan", `version ${JSON.stringify(plan["version"])} is not known`)
  const steps = list(plan["steps"], "steps")
  const names = new Set<string>()
  for (const [index, item] of steps.entries()) {
    const name = checkStep(item, `steps[${index}]`)
    if (names.has(name)) fail(`steps[${index}].name`, `${name} is there twice`)
    names.add(name)
  }
  for (const [index, secret] of list(plan["secrets"] ?? [], "secrets").entries()) {
    text(secret, `secrets[${index}]`)
  }
  return value as Plan
}

function checkStep(value: unknown, at: string): string {
  const step = record(value, at)
  const name = text(step["name"], `${at}.name`)
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/.test(name)) {
    fail(`${at}.name`, `${JSON.stringify(name)} is not made of letters, digits, ".", "_" and "-"`)
  }
  for (const field of ["title", "check", "recover"]) {
    if (step[field] !== undefined) text(step[field], `${at}.${field}`)
  }
  const limit = step["timeoutSeconds"] ?? defaultStepTimeoutSeconds
  if (typeof limit !== "number" || !Number.isInteger(limit) || limit < 1 || limit > 604_800) {
    fail(`${at}.timeoutSeconds`, "must be whole seconds, from 1 to 604800")
  }
  checkAction(step["action"], `${at}.action`)
  return name
}

function checkAction(value: unknown, at: string): void {
  const action = record(value, at)
  if (action["kind"] === "files") {
    for (const [index, item] of list(action["files"], `${at}.files`).entries()) {
      const place = `${at}.files[${index}]`
      const file = record(item, place)
      checkTarget(file, place)
      const content = text(file["content"], `${place}.content`)
      if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(content)) {
        fail(`${place}.content`, "is not base64")
      }
    }
  } else if (action["kind"] === "install") {
    for (const [index, item] of list(action["artifacts"], `${at}.artifacts`).entries()) {
      const place = `${at}.artifacts[${index}]`
      const artifact = record(item, place)
      checkTarget(artifact, place)
      if (!/^[0-9a-f]{64}$/.test(text(artifact["sha256"], `${place}.sha256`))) {
        fail(`${place}.sha256`, "is not a SHA-256 in lower-case hexadecimal")
      }
    }
  } else if (action["kind"] === "command") {
    const command = action["command"]
    if (typeof command === "string") text(command, `${at}.command`)
    else {
      const words = list(command, `${at}.command`)
      if (words.length === 0) fail(`${at}.command`, "is empty")
      for (const [index, word] of words.entries()) text(word, `${at}.command[${index}]`)
    }
  } else fail(`${at}.kind`, `${JSON.stringify(action["kind"])} is not known`)
}

function checkTarget(value: Record<string, unknown>, at: string): void {
  const path = text(value["path"], `${at}.path`)
  if (!path.startsWith("/") || path.endsWith("/"))
    fail(`${at}.path`, "is not an absolute file path")
  const mode = text(value["mode"] ?? "0644", `${at}.mode`)
  if (!/^0?[0-7]{3,4}$/.test(mode))
    fail(`${at}.mode`, `${JSON.stringify(mode)} is not an octal mode`)
  const owner = text(value["owner"] ?? "root", `${at}.owner`)
  if (!/^[A-Za-z0-9_][A-Za-z0-9._-]*\$?(?::[A-Za-z0-9_][A-Za-z0-9._-]*\$?)?$/.test(owner)) {
    fail(`${at}.owner`, `${JSON.stringify(owner)} is not a user or user:group`)
  }
}

function record(value: unknown, at: string): Record<string, unknown> {
  if (!isObject(value)) fail(at, "must be an object")
  return value
}

function list(value: unknown, at: string): readonly unknown[] {
  if (!Array.isArray(value)) fail(at, "must be a list")
  return value
}

function text(value: unknown, at: string): string {
  if (typeof value !== "string") fail(at, "must be text")
  if (value.includes("\0")) fail(at, "holds a NUL")
  return value
}

function fail(at: string, message: string): never {
  throw new InvalidPlanError(`read plan: ${at}: ${message}`)
}
