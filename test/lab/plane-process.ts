import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { randomUUID } from "node:crypto"
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

const program = join(import.meta.dirname, "../../mothership")
const startupLimitMs = 60_000
const stopLimitMs = 30_000

/** `mothership up` as a process of its own, on a data directory that is removed with it. */
export class PlaneProcess {
  readonly #place = join(tmpdir(), `mothership-plane-${randomUUID().slice(0, 8)}`)
  readonly directory = join(this.#place, "data")
  #child: ChildProcess | undefined
  #port = 0

  /** The administrator's kubeconfig; the address in it stays the same over restarts. */
  get kubeconfig(): string {
    return join(this.directory, "admin.kubeconfig")
  }

  get isRunning(): boolean {
    return this.#child !== undefined
  }

  /** Starts the plane and waits until it says that it is up. */
  async start(): Promise<void> {
    if (this.#child) throw new Error("start plane: it runs already")
    mkdirSync(this.#place, { recursive: true, mode: 0o700 })
    const log = openSync(this.#logFile, "a")
    const listen = `127.0.0.1:${this.#port}`
    const commandLine = [program, "up", "--data-dir", this.directory, "--listen", listen]
    const child = spawn(process.execPath, [...commandLine, "--log-level", "debug"], {
      stdio: ["ignore", "pipe", log],
    })
    closeSync(log)
    this.#child = child
    child.once("exit", () => {
      if (this.#child === child) this.#child = undefined
    })
    try {
      const url = await announcedUrl(child)
      this.#port = Number(new URL(url).port)
    } catch (error) {
      child.kill("SIGKILL")
      const message = `start plane: ${(error as Error).message}\n${this.log(40)}`
      throw new Error(message, { cause: error })
    }
  }

  /** Ends the process at once, wherever it is; nothing in it gets a chance to finish. */
  async kill(): Promise<void> {
    await this.#end("SIGKILL")
  }

  /** Stops the plane as Ctrl-C does. */
  async stop(): Promise<void> {
    await this.#end("SIGTERM")
  }

  /** Removes everything that the plane kept, which must not run; its address and log stay. */
  loseData(): void {
    rmSync(this.directory, { recursive: true })
  }

  /** Stops the plane and removes everything it kept. */
  async remove(): Promise<void> {
    await this.stop()
    rmSync(this.#place, { recursive: true, force: true })
  }

  /** The last lines of what the plane has logged. */
  log(lines: number): string {
    if (!existsSync(this.#logFile)) return "it was never started"
    return readFileSync(this.#logFile, "utf8").split("\n").slice(-lines).join("\n")
  }

  get #logFile(): string {
    return join(this.#place, "plane.log")
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child
    if (!child) return
    const ended = once(child, "exit")
    const force = setTimeout(() => child.kill("SIGKILL"), stopLimitMs)
    child.kill(signal)
    await ended
    clearTimeout(force)
  }
}

async function announcedUrl(child: ChildProcess): Promise<string> {
  const { stdout } = child
  if (!stdout) throw new Error("its output is not readable")
  let text = ""
  return await new Promise((resolve, reject) => {
    const limit = setTimeout(
      () => reject(new Error("it does not say that it is up")),
      startupLimitMs,
    )
    const settle = (action: () => void): void => {
      clearTimeout(limit)
      action()
    }
    stdout.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk
      const url = /is up at (\S+)/.exec(text)?.[1]
      if (url) settle(() => resolve(url))
    })
    child.once("exit", (code) => settle(() => reject(new Error(`it ended with code ${code}`))))
    child.once("error", (error) => settle(() => reject(error)))
  })
}
