import { spawn } from "node:child_process"
import { mkdir, open } from "node:fs/promises"
import { join } from "node:path"
import { messageOf, sleep } from "#base"
import {
  type ConnectionOptions,
  defaultDataDirectory,
  kubeconfigFile,
  withPlane,
} from "./connection.ts"
import { CommandError, type Environment, type LogTarget, type RunningPlane } from "./environment.ts"

export interface PlaneProcessOptions {
  readonly dataDirectory: string
  /** `HOST:PORT`. */
  readonly listen: string
  readonly log: LogTarget
}

export const defaultListen = "127.0.0.1:7443"

/** Starts a plane in this process. Errors: `CommandError` that says what to do. */
export async function startPlane(
  environment: Environment,
  options: PlaneProcessOptions,
): Promise<RunningPlane> {
  const { host, port } = parseListen(options.listen)
  const { dataDirectory, log } = options
  try {
    return await environment.planes.start({ dataDirectory, host, port, log })
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    if (code === "EADDRINUSE") {
      throw new CommandError(
        `listen on ${host}:${port}: somebody does already, perhaps another plane. ` +
          "Stop it, or name another address with --listen HOST:PORT",
        { cause: error },
      )
    }
    if (code === "EADDRNOTAVAIL" || code === "EACCES") {
      throw new CommandError(`listen on ${host}:${port}: ${messageOf(error)}`, { cause: error })
    }
    if (error instanceof Error && ownErrors.includes(error.name)) {
      throw new CommandError(`start plane: ${error.message}`, { cause: error })
    }
    throw error
  }
}

/**
 * Resolves when the user or the system asks the process to end. Asking again changes nothing: a
 * launcher passes on what a terminal has told us already.
 */
export function untilStopped(environment: Environment): Promise<void> {
  return new Promise((resolve) => void environment.onStopSignal(resolve))
}

const startLimitMs = 30_000
const startCheckMs = 200

/**
 * Starts a plane in a process of its own that stays, unless one answers already; its log goes to
 * `plane.log` in the data directory. Answers how to connect to it. Errors: `CommandError` when it
 * does not answer in time.
 */
export async function startDetachedPlane(
  environment: Environment,
  options: ConnectionOptions,
  listen: string,
): Promise<{ readonly kubeconfig: string }> {
  const { clock, programDirectory, stdout } = environment
  const named = kubeconfigFile(environment, options)
  if (await isUp(environment, { kubeconfig: named })) return { kubeconfig: named }
  const dataDirectory = defaultDataDirectory(environment)
  const own = { kubeconfig: join(dataDirectory, "admin.kubeconfig") }
  if (options.kubeconfig !== undefined && options.kubeconfig !== own.kubeconfig) {
    throw new CommandError(
      `no plane answers at ${options.kubeconfig}, and --up starts one in ${dataDirectory}: ` +
        "give one of --kubeconfig and --up",
    )
  }
  if (await isUp(environment, own)) return own
  await mkdir(dataDirectory, { recursive: true, mode: 0o700 })
  const logFile = join(dataDirectory, "plane.log")
  const log = await open(logFile, "a", 0o600)
  const program = join(programDirectory, "mothership")
  const words = ["up", "--data-dir", dataDirectory, "--listen", listen]
  const child = spawn(process.execPath, [program, ...words], {
    detached: true,
    stdio: ["ignore", log.fd, log.fd],
  })
  child.unref()
  await log.close()
  const giveUpMs = clock.now() + startLimitMs
  while (!(await isUp(environment, own))) {
    if (child.exitCode !== null || clock.now() > giveUpMs) {
      throw new CommandError(`the plane did not come up; see ${logFile}`)
    }
    await sleep(clock, startCheckMs)
  }
  stdout.write(`a plane runs as process ${child.pid}; end it with: kill ${child.pid}\n\n`)
  return own
}

async function isUp(environment: Environment, options: ConnectionOptions): Promise<boolean> {
  try {
    await withPlane(environment, options, async () => {})
    return true
  } catch (error) {
    if (error instanceof CommandError) return false
    throw error
  }
}

/** Errors whose message is meant for the user. */
const ownErrors = ["DataDirectoryError", "StoreError"]

/** Splits `HOST:PORT`, `[::1]:PORT` or `:PORT`. Errors: `CommandError`. */
export function parseListen(text: string): { readonly host: string; readonly port: number } {
  const match = /^(?:\[([^\]]+)\]|([^:]*)):(\d{1,5})$/.exec(text)
  const port = Number(match?.[3])
  if (!match || port > 65_535) {
    throw new CommandError(`${JSON.stringify(text)} is not HOST:PORT, such as ${defaultListen}`)
  }
  return { host: match[1] ?? (match[2] || "0.0.0.0"), port }
}
