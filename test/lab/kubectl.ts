import { spawn } from "node:child_process"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { labBinary } from "../../lab/paths.ts"

export interface CommandOutcome {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

interface CommandOptions {
  readonly input?: string | undefined
}

const limitMs = 10 * 60_000

/** Runs a program to its end, or to a limit that only something stuck reaches. */
export async function runProgram(
  [program = "", ...words]: readonly string[],
  { input = "" }: CommandOptions = {},
): Promise<CommandOutcome> {
  const child = spawn(program, words, { timeout: limitMs })
  let stdout = ""
  let stderr = ""
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => (stdout += chunk))
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => (stderr += chunk))
  child.stdin.on("error", () => {})
  child.stdin.end(input)
  return await new Promise((resolve, reject) => {
    child.once("error", reject)
    child.once("close", (code) => resolve({ code: code ?? -1, stdout, stderr }))
  })
}

/** The parts of an API object that tests look at. */
export interface AnyObject {
  readonly kind: string
  readonly metadata: {
    readonly name: string
    readonly uid: string
    readonly creationTimestamp: string
    readonly deletionTimestamp?: string
    readonly labels?: Readonly<Record<string, string>>
    readonly annotations?: Readonly<Record<string, string>>
    readonly ownerReferences?: readonly { readonly kind: string; readonly name: string }[]
  }
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly spec: any
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly status?: any
  readonly data?: Readonly<Record<string, string>>
}

/** The real kubectl, with one kubeconfig. */
export class Kubectl {
  readonly #kubeconfig: () => string

  constructor(kubeconfig: () => string) {
    this.#kubeconfig = kubeconfig
  }

  /** Runs a command and answers what came of it. */
  async try(words: readonly string[], options: CommandOptions = {}): Promise<CommandOutcome> {
    const program = labBinary("kubectl") ?? "kubectl"
    return await runProgram([program, "--kubeconfig", this.#kubeconfig(), ...words], options)
  }

  /** Runs a command and answers its output; rejects unless it exits with 0. */
  async run(words: readonly string[], options: CommandOptions = {}): Promise<string> {
    const { code, stdout, stderr } = await this.try(words, options)
    if (code !== 0) {
      throw new Error(`run kubectl ${words.join(" ")}: exit code ${code}\n${stderr}${stdout}`)
    }
    return stdout
  }

  apply(manifest: string): Promise<string> {
    return this.run(["apply", "-f", "-"], { input: manifest })
  }

  async get(resource: string, name: string): Promise<AnyObject> {
    return JSON.parse(await this.run(["get", resource, name, "-o", "json"])) as AnyObject
  }

  async list(resource: string, ...words: readonly string[]): Promise<readonly AnyObject[]> {
    const text = await this.run(["get", resource, "-o", "json", ...words])
    return (JSON.parse(text) as { readonly items: readonly AnyObject[] }).items
  }

  /**
   * A command that goes on, such as a watch: the lines it has said so far, and the way to end it.
   */
  follow(words: readonly string[]): { readonly lines: () => readonly string[]; stop(): void } {
    const program = labBinary("kubectl") ?? "kubectl"
    const child = spawn(program, ["--kubeconfig", this.#kubeconfig(), ...words])
    let text = ""
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => (text += chunk))
    child.on("error", () => {})
    return { lines: () => text.split("\n").filter(Boolean), stop: () => void child.kill() }
  }

  /** `kubectl wait`: `target` is `kind/name`, or a resource followed by a selector. */
  async wait(target: string, condition: string, ...words: readonly string[]): Promise<void> {
    await this.run(["wait", target, ...words, `--for=${condition}`, "--timeout=8m"])
  }

  /** Waits until a condition has the status, and the reason if one is given. */
  async condition(target: string, type: string, status: string, reason?: string): Promise<void> {
    const found = `{.status.conditions[?(@.type=="${type}")]`
    await this.wait(target, `jsonpath=${found}.status}=${status}`)
    if (reason !== undefined) await this.wait(target, `jsonpath=${found}.reason}=${reason}`)
  }
}

/** A YAML file of this directory with `${NAME}`s filled in; one that is missing is an error. */
export function fixture(name: string, values: Readonly<Record<string, string>>): string {
  const text = readFileSync(join(import.meta.dirname, "yaml", `${name}.yaml`), "utf8")
  return text.replaceAll(/\$\{([A-Z_]+)\}/g, (_, variable: string) => {
    const value = values[variable]
    if (value === undefined) throw new Error(`fill in ${name}.yaml: no value for ${variable}`)
    return value
  })
}

/** A Secret with one text under `value`, as SSH keys are stored. */
export function keySecret(name: string, value: string): string {
  const data = { value: Buffer.from(value).toString("base64") }
  return JSON.stringify({ apiVersion: "v1", kind: "Secret", metadata: { name }, data })
}

const pollMs = 100
const untilLimitMs = 8 * 60_000

/** Asks again and again until the answer is something, for what no watch tells. */
export async function until<T>(
  what: string,
  ask: () => Promise<T | undefined | false> | T | undefined | false,
): Promise<T> {
  const limit = AbortSignal.timeout(untilLimitMs)
  while (!limit.aborted) {
    const answer = await ask()
    if (answer !== undefined && answer !== false) return answer
    await new Promise((resolve) => setTimeout(resolve, pollMs))
  }
  throw new Error(`wait until ${what}: it did not come`)
}
