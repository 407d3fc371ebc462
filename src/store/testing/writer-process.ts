import { type ChildProcess, spawn, type StdioOptions } from "node:child_process"
import { once } from "node:events"
import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"

import { build } from "esbuild"

export interface WriterOptions {
  readonly file: string
  readonly synchronous: "full" | "off"
  readonly largestBytes: number
  /** The writer's program; the one from the sources when absent. */
  readonly script?: string | undefined
  /** A program and its arguments to run the writer under. */
  readonly under?: readonly string[] | undefined
}

const sources = {
  writer: fileURLToPath(new URL("./writer.ts", import.meta.url)),
  "sqlite.worker": fileURLToPath(new URL("../sqlite.worker.ts", import.meta.url)),
}

/** Bundles the writer as a release is bundled, which also starts faster; answers its path. */
export async function bundleWriter(directory: string): Promise<string> {
  await build({
    entryPoints: sources,
    outdir: directory,
    bundle: true,
    platform: "node",
    format: "esm",
  })
  await writeFile(join(directory, "package.json"), JSON.stringify({ type: "module" }))
  return join(directory, "writer.js")
}

/** The writer as a child process, and the lines it got out before it ended. */
export class WriterProcess {
  readonly lines: string[] = []
  readonly #child: ChildProcess
  readonly #ended: Promise<unknown>
  readonly #awaited: { readonly count: number; readonly resolve: () => void }[] = []
  #diagnosis = ""

  constructor(options: WriterOptions) {
    const { file, synchronous, largestBytes, script = sources.writer, under = [] } = options
    const writer = [process.execPath, script, file, synchronous, String(largestBytes)]
    const [program = "", ...args] = [...under, ...writer]
    const stdio: StdioOptions = ["ignore", "pipe", "pipe"]
    this.#child = spawn(program, args, { stdio, detached: true })
    const { stdout, stderr } = this.#child
    stderr?.on("data", (chunk: Buffer) => (this.#diagnosis += chunk.toString()))
    if (stdout !== null) createInterface(stdout).on("line", (line) => this.#hear(line))
    this.#ended = once(this.#child, "close")
  }

  /** Resolves when so many lines have come; fails when the writer ends before. */
  async reach(count: number): Promise<void> {
    if (this.lines.length >= count) return
    const reached = new Promise<void>((resolve) => this.#awaited.push({ count, resolve }))
    const ended = this.#ended.then(() => {
      throw new Error(`the writer ended after ${this.lines.length} lines: ${this.#diagnosis}`)
    })
    await Promise.race([reached, ended])
  }

  /** Ends the writer, and what it runs under, at once; resolves when all its lines are there. */
  async kill(): Promise<void> {
    if (this.#child.pid === undefined) throw new Error("the writer did not start")
    if (this.#child.exitCode !== null) throw new Error(`the writer failed: ${this.#diagnosis}`)
    process.kill(-this.#child.pid, "SIGKILL")
    await this.#ended
  }

  #hear(line: string): void {
    this.lines.push(line)
    for (const { count, resolve } of this.#awaited) if (this.lines.length >= count) resolve()
  }
}
