import {
  claimAnnotation,
  type PooledRemoteMachine,
  PooledRemoteMachineKind,
  type RemoteMachine,
  RemoteMachineKind,
  SecretKind,
} from "#apis"
import { messageOf } from "#base"
import {
  type Controller,
  defineAccess,
  defineController,
  done,
  mapped,
  type Outcome,
  type ScopeOf,
} from "#controller"
import { findCondition, keyOf } from "#meta"
import { connect, release } from "#remote"

import { forceReleaseAnnotation } from "./annotations.ts"
import { credentialsOf } from "./host-target.ts"
import {
  cleanCondition,
  isReserved,
  isReservedBy,
  noMachine,
  type ReservationChange,
  withReservation,
} from "./pool.ts"
import type { RemoteOptions } from "./remote-options.ts"

const access = defineAccess({
  name: "pooledremotemachine",
  primary: PooledRemoteMachineKind,
  reads: [RemoteMachineKind, SecretKind],
  writes: [PooledRemoteMachineKind],
})
type PoolScope = ScopeOf<typeof access>

/**
 * Watches over reservations: gives new hosts a status, says which ones nobody will give back any
 * more, and frees those that a person gives up. RemoteMachines take and return hosts themselves.
 */
export function pooledRemoteMachineController(options: RemoteOptions): Controller {
  async function beginFree(scope: PoolScope): Promise<Outcome> {
    if (scope.object.status?.machineRef) return done
    await reserve(scope, { reserved: false, machineRef: noMachine, clean: undefined })
    return done
  }

  async function findOrphan(scope: PoolScope): Promise<Outcome> {
    const { object } = scope
    const { reserved, machineRef } = object.status ?? {}
    if (!reserved || !machineRef || isForced(object)) return done
    const known = findCondition(object, cleanCondition)
    const isOrphan = (await machineOf(scope)) === undefined
    if (isOrphan && known?.status !== "False") {
      const message = `RemoteMachine ${machineRef.name} is gone and never gave the host back; see that it is clean, then annotate it with ${forceReleaseAnnotation}=true`
      const clean = { status: "False", reason: "MachineGone", message } as const
      await reserve(scope, { reserved, machineRef, clean })
      scope.event("Warning", "MachineGone", message)
    }
    // What a machine that is going away says about its host is not ours to take back.
    if (!isOrphan && known?.reason === "MachineGone") {
      await reserve(scope, { reserved, machineRef, clean: undefined })
    }
    return done
  }

  async function forceRelease(scope: PoolScope): Promise<Outcome> {
    const { object } = scope
    if (!isForced(object)) return done
    const machine = isReserved(object) ? await machineOf(scope) : undefined
    if (machine) {
      const message = `RemoteMachine ${machine.metadata.name} has the host; delete it first`
      scope.event("Warning", "ForceReleaseRefused", message)
    } else if (isReserved(object)) {
      await dropClaim(scope, options)
      const message = `given back by ${forceReleaseAnnotation} without cleaning`
      const clean = { status: "Unknown", reason: "Forced", message } as const
      await reserve(scope, { reserved: false, machineRef: noMachine, clean })
      scope.event("Normal", "Forced", message)
    }
    const { name, namespace } = object.metadata
    const body = { metadata: { annotations: { [forceReleaseAnnotation]: null } } }
    await scope.patch(PooledRemoteMachineKind, { name, namespace }, { type: "merge", body })
    return done
  }

  return defineController(access, {
    triggers: [
      mapped(RemoteMachineKind, (machine, reader) =>
        reader
          .read(PooledRemoteMachineKind)
          .list()
          .filter((host) => refersTo(host, machine))
          .map(keyOf),
      ),
    ],
    reconcile: [beginFree, findOrphan, forceRelease],
  })
}

function isForced({ metadata }: PooledRemoteMachine): boolean {
  return metadata.annotations?.[forceReleaseAnnotation] === "true"
}

async function reserve(scope: PoolScope, change: ReservationChange): Promise<void> {
  const next = withReservation(scope.object, change, scope.clock)
  await scope.update(PooledRemoteMachineKind, next, { subresource: "status" })
}

/** Read live: that a machine is missing in a cache proves nothing. */
async function machineOf(scope: PoolScope): Promise<RemoteMachine | undefined> {
  const { name = "", namespace } = scope.object.status?.machineRef ?? {}
  if (name === "") return undefined
  const key = { name, namespace: namespace || scope.object.metadata.namespace }
  const machine = await scope.live(RemoteMachineKind, key)
  return machine && isReservedBy(scope.object, machine) ? machine : undefined
}

/** Takes our mark off the host, if it can be reached, so that the next machine is let in. */
async function dropClaim(scope: PoolScope, options: RemoteOptions): Promise<void> {
  const { spec, status, metadata } = scope.object
  const { claim } = status?.machineRef ?? {}
  if (!spec || claim === undefined) return
  const { machine } = spec
  try {
    const secret = scope.read(SecretKind).get(metadata.namespace, machine.sshKeyRef.name)
    const credentials = credentialsOf(secret, machine.sshKeyRef.name)
    const host = await connect({
      address: {
        address: machine.address,
        port: machine.port ?? 22,
        user: machine.user ?? "root",
        useSudo: machine.useSudo ?? false,
      },
      credentials,
      hostKey: machine.hostKey
        ? { kind: "pinned", fingerprint: machine.hostKey }
        : { kind: "pin-on-first-contact" },
      clock: scope.clock,
      log: scope.log,
      layout: options.layout,
      signal: scope.signal,
    })
    try {
      const holder = `PooledRemoteMachine ${metadata.namespace}/${metadata.name}`
      await release(host, { claim, epoch: options.epoch, holder, steps: [] })
    } finally {
      host.close()
    }
  } catch (error) {
    const message = `the host keeps the mark of its last machine: ${messageOf(error)}`
    scope.event("Warning", "ClaimNotDropped", message)
  }
}

function refersTo(host: PooledRemoteMachine, machine: RemoteMachine): boolean {
  const { claim, name, namespace } = host.status?.machineRef ?? {}
  const { metadata } = machine
  if (claim !== undefined && claim === metadata.annotations?.[claimAnnotation]) return true
  return name === metadata.name && namespace === metadata.namespace
}
