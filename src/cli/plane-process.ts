import { messageOf } from "#base"
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
