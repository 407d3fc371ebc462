import { spawn } from "node:child_process"
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { TestServer } from "#apiserver/testing"
import type { UserInfo } from "#meta"
import { labBinary } from "../../lab/paths.ts"

export interface Ran {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

export interface RunOptions {
  readonly input?: string | undefined
  readonly environment?: Readonly<Record<string, string>> | undefined
}

/** The kubectl that the lab built, or undefined. */
export const kubectlPath = labBinary("kubectl")

/** Tests with kubectl are skipped where it was not built, unless nothing may be skipped. */
export const skipsKubectl =
  kubectlPath === undefined && process.env["MOTHERSHIP_TEST_REQUIRE"] !== "all"

export const kubectlTitle = "kubectl (needs `npm run lab -- build`)"

/** The real kubectl against a test's API server, with a home of its own. */
export class Kubectl implements AsyncDisposable {
  readonly #directory: string

  private constructor(directory: string) {
    this.#directory = directory
  }

  static async connect(server: TestServer, user?: UserInfo): Promise<Kubectl> {
    const directory = await mkdtemp(join(tmpdir(), "kubectl-"))
    await writeFile(join(directory, "config"), await server.kubeconfig(user), { mode: 0o600 })
    return new Kubectl(directory)
  }

  /** Runs and answers what came; a non-zero code is an answer, too. */
  run(args: readonly string[], options: RunOptions = {}): Promise<Ran> {
    if (kubectlPath === undefined) throw new Error("run kubectl: the lab has not built it")
    const child = spawn(kubectlPath, args, {
      cwd: this.#directory,
      env: {
        PATH: process.env["PATH"] ?? "",
        HOME: this.#directory,
        KUBECONFIG: join(this.#directory, "config"),
        KUBECACHEDIR: join(this.#directory, "cache"),
        ...options.environment,
      },
    })
    let stdout = ""
    let stderr = ""
    child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()))
    child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()))
    child.stdin.on("error", () => {})
    child.stdin.end(options.input ?? "")
    return new Promise((resolve, reject) => {
      child.on("error", reject)
      child.on("close", (code) => resolve({ code: code ?? -1, stdout, stderr }))
    })
  }

  /** What it printed. Errors: everything it said when it failed. */
  async out(args: readonly string[], options: RunOptions = {}): Promise<string> {
    const { code, stdout, stderr } = await this.run(args, options)
    if (code !== 0) throw new Error(`kubectl ${args.join(" ")}: exit ${code}\n${stdout}${stderr}`)
    return stdout
  }

  async json<T>(args: readonly string[]): Promise<T> {
    return JSON.parse(await this.out([...args, "-o", "json"])) as T
  }

  /** Applies or creates from standard input. */
  async feed(args: readonly string[], ...objects: readonly object[]): Promise<string> {
    const input = objects.map((object) => JSON.stringify(object)).join("\n---\n")
    return await this.out([...args, "-f", "-"], { input })
  }

  /** A file in its directory; answers the path. */
  async file(name: string, text: string, mode = 0o600): Promise<string> {
    const path = join(this.#directory, name)
    await writeFile(path, text, { mode })
    return path
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#directory, { recursive: true, force: true })
  }
}
