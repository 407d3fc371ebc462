import { RemoteMachineKind, retryAnnotation } from "#apis"
import { formatTime } from "#base"
import { withPlane } from "../connection.ts"
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
    const request = { from, markDone, at: formatTime(environment.clock.now()) }
    const annotations = { [retryAnnotation]: JSON.stringify(request) }
    const body = { metadata: { annotations } }
    await client.patch(RemoteMachineKind, machine.metadata, { type: "merge", body })
    environment.stdout.write(`${target} is tried again; see: mothership logs ${target} -f\n`)
  })
}
