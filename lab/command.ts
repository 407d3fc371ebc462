import { spawn } from "node:child_process"

export interface CommandOptions {
  readonly cwd?: string | undefined
  /** Variables added to this process's own environment. */
  readonly env?: Readonly<Record<string, string>> | undefined
  readonly input?: string | Uint8Array | undefined
  /** Kill the command after this long; without it the command may run for ever. */
  readonly timeoutMs?: number | undefined
  /** Show the command's output on this process's stderr as it comes. */
  readonly show?: boolean | undefined
}

export interface CommandResult {
  /** Exit status; 128 plus the signal's number is not used: a killed command has -1. */
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

export class CommandError extends Error {
  override readonly name = "CommandError"
  readonly result: CommandResult

  constructor(command: readonly string[], result: CommandResult) {
    const output = (result.stderr.trim() || result.stdout.trim()).split("\n").slice(-20).join("\n")
    super(`run ${command.join(" ")}: exit ${result.code}${output === "" ? "" : `\n${output}`}`)
    this.result = result
  }
}

/** Runs a command to its end and returns its output, whatever its exit status is. */
export function tryCommand(
  command: readonly [string, ...string[]],
  options: CommandOptions = {},
): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    const [file, ...args] = command
    const child = spawn(file, args, {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      stdio: ["pipe", "pipe", "pipe"],
      timeout: options.timeoutMs,
      killSignal: "SIGKILL",
    })
    let stdout = ""
    let stderr = ""
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text
      if (options.show === true) process.stderr.write(text)
    })
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text
      if (options.show === true) process.stderr.write(text)
    })
    child.on("error", (cause) => {
      reject(new Error(`run ${file}: ${cause.message}`, { cause }))
    })
    child.on("close", (code) => {
      resolve({ code: code ?? -1, stdout, stderr })
    })
    // A command that ends without reading its input is judged by its exit status.
    child.stdin.on("error", () => {})
    child.stdin.end(options.input)
  })
}

/**
 * Runs a command to its end and returns its standard output; throws CommandError unless it exits 0.
 */
export async function runCommand(
  command: readonly [string, ...string[]],
  options: CommandOptions = {},
): Promise<string> {
  const result = await tryCommand(command, options)
  if (result.code !== 0) throw new CommandError(command, result)
  return result.stdout
}
