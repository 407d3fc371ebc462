import { type RemoteMachine, RemoteMachineKind, retryAnnotation } from "#apis"
import { formatTime } from "#base"
import { ApiError, findCondition, hasReason } from "#meta"
import { type Connection, namespaceFlag, withPlane } from "../connection.ts"
import { CommandError, type Environment } from "../environment.ts"
import type { ObjectOptions } from "../object-options.ts"
import { findRemoteMachine } from "../remote-machine.ts"

export interface RetryOptions extends ObjectOptions {
  readonly from?: string | undefined
  readonly markDone?: string | undefined
}

/** `mothership retry machine/NAME`: lets a bootstrap that stopped go on. */
export async function retry(
  environment: Environment,
  target: string,
  options: RetryOptions,
): Promise<void> {
  const { from, markDone } = options
  if (from !== undefined && markDone !== undefined) {
    throw new CommandError("--from and --mark-done exclude each other")
  }
  await withPlane(environment, options, async (connection) => {
    const { client } = connection
    const machine = await findRemoteMachine(connection, target, options)
    if (machine.status?.initialization?.provisioned) {
      throw new CommandError(`${target} is bootstrapped: there is nothing to retry`)
    }
    const flag = namespaceFlag(machine.metadata.namespace ?? connection.namespace, connection)
    refuseUnlessStopped(machine, `${target}${flag}`)
    const step = from ?? markDone
    if (step !== undefined) await refuseUnknownStep(connection, machine, step)
    const request = { from, markDone, at: formatTime(environment.clock.now()) }
    const annotations = { [retryAnnotation]: JSON.stringify(request) }
    const body = { metadata: { annotations } }
    await client.patch(RemoteMachineKind, machine.metadata, { type: "merge", body })
    environment.stdout.write(`${target} is tried again; see: mothership logs ${target}${flag} -f\n`)
  })
}

const stoppedReasons = ["BootstrapFailed", "BootstrapInterrupted"]

/** A request that nothing waits for would be used up by the next failure. */
function refuseUnlessStopped(machine: RemoteMachine, target: string): void {
  const ready = findCondition(machine, "Ready")
  if (ready && stoppedReasons.includes(ready.reason)) return
  const state = ready ? `its host says ${ready.reason}` : "nothing has begun"
  throw new CommandError(
    `${target} has no bootstrap that stopped: ${state}; see: mothership why ${target}`,
  )
}

/** Steps are named as the journal names them; a host that is away cannot be asked. */
async function refuseUnknownStep(
  connection: Connection,
  { metadata: { namespace, name } }: RemoteMachine,
  step: string,
): Promise<void> {
  const target = { kind: RemoteMachineKind, namespace, name, subresource: "logs" }
  let journal = ""
  try {
    for await (const text of connection.readText(target, {}, new AbortController().signal)) {
      journal += text
    }
  } catch (error) {
    if (error instanceof ApiError && hasReason(error, "ServiceUnavailable")) return
    throw error
  }
  const steps = new Set([...journal.matchAll(stepLine)].map(([, found]) => found))
  if (steps.has(step)) return
  throw new CommandError(`there is no step ${step}; those that ran are: ${[...steps].join(", ")}`)
}

const stepLine = /^== \S+ (\S+): attempt \d+$/gm
