import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { join } from "node:path"

const launcher = join(import.meta.dirname, "../../mothership")

export interface ProgramResult {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** The command line as a user runs it, in a process of its own. */
export class Program {
  stdout = ""
  stderr = ""
  readonly #child: ChildProcess
  readonly #ended: Promise<unknown>
  readonly #waiting = new Set<() => void>()

  constructor(words: readonly string[], variables: Readonly<Record<string, string>> = {}) {
    const env = { PATH: process.env["PATH"], ...variables }
    this.#child = spawn(process.execPath, [launcher, ...words], { env })
    this.#child.stdout?.on("data", (chunk: Buffer) => {
      this.stdout += chunk.toString()
      this.#look()
    })
    this.#child.stderr?.on("data", (chunk: Buffer) => {
      this.stderr += chunk.toString()
    })
    this.#ended = once(this.#child, "close")
    void this.#ended.then(() => this.#look())
  }

  /** Resolves when the text has been printed. Errors: the program ended before. */
  async prints(text: string): Promise<void> {
    while (!this.stdout.includes(text)) {
      if (this.#child.exitCode !== null) {
        throw new Error(`wait for ${JSON.stringify(text)}: ended\n${this.stdout}\n${this.stderr}`)
      }
      await new Promise<void>((resolve) => this.#waiting.add(resolve))
    }
  }

  async end(signal?: "SIGINT" | "SIGTERM" | "SIGKILL"): Promise<ProgramResult> {
    if (signal) this.#child.kill(signal)
    await this.#ended
    return { code: this.#child.exitCode, stdout: this.stdout, stderr: this.stderr }
  }

  #look(): void {
    for (const resolve of this.#waiting) resolve()
    this.#waiting.clear()
  }
}

/** Runs a command to its end. */
export async function run(
  words: readonly string[],
  variables: Readonly<Record<string, string>> = {},
): Promise<ProgramResult> {
  return await new Program(words, variables).end()
}
