import {
  claimAnnotation,
  PooledRemoteMachineKind,
  type RemoteMachine,
  RemoteMachineKind,
} from "#apis"
import { deepEqual, randomHex } from "#base"
import { done, type Outcome, type Phase, waitFor } from "#controller"

import { pooledMachineAnnotation } from "../annotations.ts"
import { isProvisioned, type MachineScope } from "./remote-machine-access.ts"
import {
  firstFree,
  hostOf,
  hostValues,
  isReservedBy,
  namesHost,
  portable,
  shortageOf,
  withReservation,
} from "../pool.ts"
import type { HostSessions } from "../session/host-sessions.ts"

/** The claim is on record before anything is taken or reached under it. */
export function noteClaimPhase(sessions: HostSessions): Phase<MachineScope> {
  return async function noteClaim(scope) {
    if (scope.object.metadata.annotations?.[claimAnnotation]) return done
    if (isProvisioned(scope.object) && scope.object.spec?.pool === undefined) return done
    scope.edit((draft) => {
      draft.metadata.annotations = {
        ...draft.metadata.annotations,
        [claimAnnotation]: randomHex(16),
      }
    })
    await scope.flush()
    // Machines that went without a word, their finalizer taken off, leave their sessions behind.
    const known = new Set(
      scope
        .read(RemoteMachineKind)
        .list()
        .map(({ metadata }) => metadata.annotations?.[claimAnnotation]),
    )
    sessions.prune((claim) => known.has(claim))
    return done
  }
}

/** A machine of a pool takes a host from it, and follows what the pool says of that host. */
export async function takePooledHost(scope: MachineScope): Promise<Outcome> {
  const { object } = scope
  const { pool } = object.spec ?? {}
  if (pool === undefined) return done
  const { namespace } = object.metadata
  const hosts = scope
    .read(PooledRemoteMachineKind)
    .list(namespace)
    .filter(({ spec }) => spec?.pool === pool)
  const machines = scope.read(RemoteMachineKind).list(namespace)
  const known = hostOf(object, hosts)
  const isSettled = isProvisioned(object) || namesHost(object)
  const host = known ?? (isSettled ? undefined : firstFree(object, hosts, machines))
  if (!host) {
    // A machine that has its host goes on with it, whether the pool knows of that or not.
    if (isSettled && object.spec?.address !== undefined) return done
    return waitFor("NoFreeHost", { message: shortageOf(pool, hosts) })
  }
  if (!isReservedBy(host, object) || !host.status?.machineRef.claim) {
    const claim = object.metadata.annotations?.[claimAnnotation]
    const machineRef = { name: object.metadata.name, namespace: namespace ?? "", claim }
    const next = withReservation(
      host,
      { reserved: true, machineRef, clean: undefined },
      scope.clock,
    )
    await scope.update(PooledRemoteMachineKind, next, { subresource: "status" })
    scope.event("Normal", "HostReserved", `took ${host.metadata.name} from pool ${pool}`)
  }
  scope.edit((draft) => {
    const { metadata } = draft
    const { labels, annotations } = host.metadata
    metadata.annotations = {
      ...metadata.annotations,
      ...portable(annotations),
      [pooledMachineAnnotation]: host.metadata.name,
    }
    const copied = portable(labels)
    if (Object.keys(copied).length > 0) metadata.labels = { ...metadata.labels, ...copied }
    const spec = (draft.spec ?? {}) as Record<string, unknown>
    for (const [name, value] of Object.entries(hostValues(host))) {
      if (value === undefined) delete spec[name]
      else if (!deepEqual(spec[name], value)) spec[name] = value
    }
  })
  await scope.flush()
  return done
}

/** Of two machines with one address the one that came later waits. */
export function refuseSharedHost(scope: MachineScope): Outcome {
  const { object } = scope
  if (isProvisioned(object)) return done
  const other = scope
    .read(RemoteMachineKind)
    .list()
    .find((candidate) => sharesHost(candidate, object) && isEarlier(candidate, object))
  if (!other) return done
  const { name, namespace } = other.metadata
  const { address, port = 22 } = object.spec ?? {}
  const message = `RemoteMachine ${namespace}/${name} has the host ${address}:${port} already`
  return waitFor("DuplicateAddress", { message })
}

/** True when both are about the same address and port; a machine does not share with itself. */
export function sharesHost(left: RemoteMachine, right: RemoteMachine): boolean {
  const isSame =
    left.metadata.name === right.metadata.name &&
    left.metadata.namespace === right.metadata.namespace
  return (
    !isSame &&
    left.spec?.address !== undefined &&
    left.spec.address.toLowerCase() === right.spec?.address?.toLowerCase() &&
    (left.spec.port ?? 22) === (right.spec?.port ?? 22)
  )
}

function isEarlier(left: RemoteMachine, right: RemoteMachine): boolean {
  if (isProvisioned(left) || left.metadata.deletionTimestamp !== undefined) return true
  return orderOf(left) < orderOf(right)
}

function orderOf({ metadata }: RemoteMachine): string {
  return `${metadata.creationTimestamp ?? ""}/${metadata.namespace ?? ""}/${metadata.name}`
}
