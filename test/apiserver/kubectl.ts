import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process"
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { PassThrough } from "node:stream"
import type { TestServer } from "#apiserver/testing"
import type { UserInfo } from "#meta"
import { kubectlVersions, kubernetesVersion } from "../../lab/go-modules.ts"
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

/** A kubectl of the lab, and the version it says it is. */
export interface KubectlProgram {
  readonly program: string
  readonly version: string
}

/** That of the Kubernetes whose API the server speaks. */
export const sameKubectl: KubectlProgram = { program: "kubectl", version: kubernetesVersion }

/** One of each minor version, oldest first. */
export const kubectlPrograms: readonly KubectlProgram[] = [
  sameKubectl,
  ...Object.entries(kubectlVersions).map(([program, version]) => ({ program, version })),
].sort((a, b) => a.version.localeCompare(b.version, "en", { numeric: true }))

/** Tests with a kubectl are skipped where it was not built, unless nothing may be skipped. */
export function skipsKubectl({ program }: KubectlProgram = sameKubectl): boolean {
  return labBinary(program) === undefined && process.env["MOTHERSHIP_TEST_REQUIRE"] !== "all"
}

export const kubectlTitle = "kubectl (needs `npm run lab -- build`)"

/** A real kubectl with a kubeconfig, in a home of its own. */
export class Kubectl implements AsyncDisposable {
  readonly #directory: string
  readonly #program: string

  private constructor(directory: string, program: string) {
    this.#directory = directory
    this.#program = program
  }

  static async connect(
    server: TestServer,
    user?: UserInfo,
    kubectl: KubectlProgram = sameKubectl,
  ): Promise<Kubectl> {
    return await Kubectl.open(await server.kubeconfig(user), kubectl)
  }

  static async open(kubeconfig: string, kubectl: KubectlProgram = sameKubectl): Promise<Kubectl> {
    const directory = await mkdtemp(join(tmpdir(), "kubectl-"))
    await writeFile(join(directory, "config"), kubeconfig, { mode: 0o600 })
    return new Kubectl(directory, kubectl.program)
  }

  /** Runs and answers what came; a non-zero code is an answer, too. */
  run(args: readonly string[], options: RunOptions = {}): Promise<Ran> {
    const child = this.#start(args, options)
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

  /**
   * The lines of a command that goes on, such as a watch; it ends when nobody reads them. Of one
   * with `-v`, what it logs is among them.
   */
  async *follow(args: readonly string[]): AsyncGenerator<string, undefined> {
    const child = this.#start(args, {})
    const output = new PassThrough()
    const closed = new Promise((resolve) => child.on("close", resolve))
    void closed.then(() => output.end())
    child.stdin.end()
    child.stdout.pipe(output, { end: false })
    child.stderr.pipe(output, { end: false })
    try {
      for await (const line of createInterface({ input: output })) yield line
    } finally {
      child.kill()
      await closed
    }
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
    const input = objects.map((object) => JSON.stringify(object)).join("\n")
    return await this.out([...args, "-f", "-"], { input })
  }

  /** A file in its directory; answers the path. */
  async file(name: string, text: string, mode = 0o600): Promise<string> {
    const path = join(this.#directory, name)
    await writeFile(path, text, { mode })
    return path
  }

  #start(args: readonly string[], options: RunOptions): ChildProcessWithoutNullStreams {
    const path = labBinary(this.#program)
    if (path === undefined) throw new Error(`run ${this.#program}: the lab has not built it`)
    return spawn(path, args, {
      cwd: this.#directory,
      env: {
        PATH: process.env["PATH"] ?? "",
        HOME: this.#directory,
        KUBECONFIG: join(this.#directory, "config"),
        KUBECACHEDIR: join(this.#directory, "cache"),
        ...options.environment,
      },
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#directory, { recursive: true, force: true })
  }
}
