import { type RemoteMachine, RemoteMachineKind } from "#apis"
import { sleep } from "#base"
import { ApiError, hasReason } from "#meta"
import { type Connection, withPlane } from "../connection.ts"
import type { Environment } from "../environment.ts"
import type { ObjectOptions } from "../object-options.ts"
import { findRemoteMachine } from "../remote-machine.ts"

export interface LogsOptions extends ObjectOptions {
  readonly follow?: boolean | undefined
}

const retryMs = 2_000

/** `mothership logs machine/NAME`: what the host has written down, without holding its key. */
export async function logs(
  environment: Environment,
  target: string,
  options: LogsOptions,
): Promise<void> {
  const stopping = new AbortController()
  const off = environment.onStopSignal(() => stopping.abort())
  try {
    await withPlane(environment, options, async (connection) => {
      const find = () => findRemoteMachine(connection, target, options)
      const machine = await find()
      if (options.follow) await follow(environment, connection, { find, signal: stopping.signal })
      else await print(environment, connection, { machine, follow: false, signal: stopping.signal })
    })
  } finally {
    off()
  }
}

/**
 * Waits for a host that has not been reached, or is away, and goes on until the bootstrap is over.
 */
async function follow(
  environment: Environment,
  connection: Connection,
  { find, signal }: { readonly find: () => Promise<RemoteMachine>; readonly signal: AbortSignal },
): Promise<void> {
  let lastProblem: string | undefined
  while (!signal.aborted) {
    const machine = await find()
    try {
      const hasPrinted = await print(environment, connection, { machine, follow: true, signal })
      if (hasPrinted) return
    } catch (error) {
      if (!(error instanceof ApiError) || !hasReason(error, "ServiceUnavailable")) throw error
      if (error.message !== lastProblem) environment.stderr.write(`${error.message}\n`)
      lastProblem = error.message
    }
    await sleep(environment.clock, retryMs, signal).catch(() => {})
  }
}

/** Answers whether there was anything. */
async function print(
  environment: Environment,
  connection: Connection,
  request: {
    readonly machine: RemoteMachine
    readonly follow: boolean
    readonly signal: AbortSignal
  },
): Promise<boolean> {
  const { machine, signal } = request
  const { namespace, name } = machine.metadata
  const target = { kind: RemoteMachineKind, namespace, name, subresource: "logs" }
  const query = request.follow ? { follow: "true" } : {}
  let hasPrinted = false
  for await (const text of connection.readText(target, query, signal)) {
    hasPrinted = true
    environment.stdout.write(text)
  }
  return hasPrinted
}
