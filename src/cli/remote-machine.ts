import { MachineKind, type RemoteMachine, RemoteMachineKind } from "#apis"
import type { Connection } from "./connection.ts"
import { CommandError } from "./environment.ts"
import type { ObjectOptions } from "./object-options.ts"
import { parseObjectName } from "./resource-kind.ts"

/**
 * The RemoteMachine behind `machine/NAME`, or `remotemachine/NAME` itself. Errors: `CommandError`
 * when there is none.
 */
export async function findRemoteMachine(
  connection: Connection,
  target: string,
  options: ObjectOptions,
): Promise<RemoteMachine> {
  const { kind, name } = parseObjectName(target)
  const namespace = options.namespace ?? connection.namespace
  if (kind.kind === RemoteMachineKind.kind) return await remoteMachine(connection, namespace, name)
  if (kind.kind !== MachineKind.kind) throw new CommandError(`${target} is not a machine`)
  const machine = await connection.client.find(MachineKind, { namespace, name })
  if (!machine) throw new CommandError(`there is no machine ${name} in namespace ${namespace}`)
  const { infrastructureRef } = machine.spec
  if (infrastructureRef.kind !== RemoteMachineKind.kind) {
    throw new CommandError(
      `${target} is a ${infrastructureRef.kind}: only machines that are reached over SSH have a journal`,
    )
  }
  return await remoteMachine(connection, namespace, infrastructureRef.name)
}

async function remoteMachine(
  connection: Connection,
  namespace: string,
  name: string,
): Promise<RemoteMachine> {
  const found = await connection.client.find(RemoteMachineKind, { namespace, name })
  if (found) return found
  throw new CommandError(`there is no RemoteMachine ${name} in namespace ${namespace}`)
}
