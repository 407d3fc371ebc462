import {
  claimAnnotation,
  type PooledRemoteMachine,
  type PooledRemoteMachineStatus,
  type RemoteMachine,
} from "#apis"
import { type Clock, formatTime } from "#base"
import type { Manifest } from "#client"
import { type Condition, findCondition, setCondition } from "#meta"

import { annotationPrefix, pooledMachineAnnotation } from "./annotations.ts"

/** Whether the host is fit for the next machine. */
export const cleanCondition = "Clean"

/** The fields of a RemoteMachine that a pooled machine decides while it is taken. */
const hostFields = [
  "address",
  "port",
  "user",
  "useSudo",
  "commandsAsScript",
  "workingDir",
  "cleanUpCommands",
  "sshKeyRef",
  "hostKey",
  "hostKeyPolicy",
] as const

export function isReserved(host: PooledRemoteMachine): boolean {
  return host.status?.reserved === true
}

/** True when the reservation is this machine's: by its claim, or by name where none is noted. */
export function isReservedBy(host: PooledRemoteMachine, machine: RemoteMachine): boolean {
  if (!isReserved(host)) return false
  const { claim, name, namespace } = host.status?.machineRef ?? {}
  if (claim) return claim === machine.metadata.annotations?.[claimAnnotation]
  return name === machine.metadata.name && (namespace || undefined) === machine.metadata.namespace
}

/** True for a machine that has taken a host of a pool, whatever the pool says of it now. */
export function namesHost({ metadata }: RemoteMachine): boolean {
  return metadata.annotations?.[pooledMachineAnnotation] !== undefined
}

/**
 * The host that a machine has: the one reserved for its claim; after a loss of status the one that
 * its annotation names, or, for a machine that came as a node, the one at its address.
 */
export function hostOf(
  machine: RemoteMachine,
  pool: readonly PooledRemoteMachine[],
): PooledRemoteMachine | undefined {
  const reserved = pool.find((host) => isReservedBy(host, machine))
  if (reserved) return reserved
  const name = machine.metadata.annotations?.[pooledMachineAnnotation]
  const { providerID, address, port } = machine.spec ?? {}
  return pool.find(
    (host) =>
      !isReserved(host) &&
      (name === undefined
        ? providerID !== undefined &&
          host.spec?.machine.address === address &&
          (host.spec?.machine.port ?? 22) === (port ?? 22)
        : host.metadata.name === name),
  )
}

/** The first free host by name; those that other machines' annotations name are not free. */
export function firstFree(
  machine: RemoteMachine,
  pool: readonly PooledRemoteMachine[],
  machines: readonly RemoteMachine[],
): PooledRemoteMachine | undefined {
  const named = new Set(
    machines
      .filter(({ metadata }) => metadata.name !== machine.metadata.name)
      .map(({ metadata }) => metadata.annotations?.[pooledMachineAnnotation]),
  )
  return pool
    .filter((host) => !isReserved(host) && host.metadata.deletionTimestamp === undefined)
    .filter(({ metadata: { name } }) => !named.has(name))
    .sort((left, right) => (left.metadata.name < right.metadata.name ? -1 : 1))[0]
}

/** For people: how big the pool is and who has its hosts. */
export function shortageOf(name: string, pool: readonly PooledRemoteMachine[]): string {
  if (pool.length === 0) return `pool ${name} has no hosts; add a PooledRemoteMachine to it`
  const holders = pool.map((host) => `${host.metadata.name} ${stateOf(host)}`)
  const hosts = pool.length === 1 ? "its only host is" : `all of its ${pool.length} hosts are`
  return `pool ${name} has no free host: ${hosts} taken (${holders.join("; ")})`
}

function stateOf(host: PooledRemoteMachine): string {
  const unclean = findCondition(host, cleanCondition)
  const { name = "" } = host.status?.machineRef ?? {}
  if (unclean?.status === "False") return `is not clean since ${name} had it: ${unclean.reason}`
  return name === "" ? "is being given back" : `by ${name}`
}

export interface ReservationChange {
  readonly reserved: boolean
  readonly machineRef: PooledRemoteMachineStatus["machineRef"]
  /** Takes the place of what was known; undefined takes it away. */
  readonly clean: Omit<Condition, "type"> | undefined
}

export const noMachine = { name: "", namespace: "" } as const

/** The pooled machine with another reservation, locked to the version that was read. */
export function withReservation(
  host: PooledRemoteMachine,
  change: ReservationChange,
  clock: Clock,
): Manifest<PooledRemoteMachine> {
  const conditions = host.status?.conditions ?? []
  const next = change.clean
    ? setCondition(conditions, { type: cleanCondition, ...change.clean }, formatTime(clock.now()))
    : conditions.filter(({ type }) => type !== cleanCondition)
  const { reserved, machineRef } = change
  return {
    ...host,
    status: { reserved, machineRef, ...(next.length > 0 ? { conditions: next } : {}) },
  }
}

/**
 * What the host's machine is reached with, for the RemoteMachine's spec; absent fields are
 * undefined.
 */
export function hostValues(
  host: PooledRemoteMachine,
): Readonly<Record<(typeof hostFields)[number], unknown>> {
  const machine: Readonly<Record<string, unknown>> = { ...host.spec?.machine }
  return Object.fromEntries(hostFields.map((name) => [name, machine[name]])) as Record<
    (typeof hostFields)[number],
    unknown
  >
}

/**
 * Labels or annotations that travel from one object to the next: not those about the object itself.
 */
export function portable(
  values: Readonly<Record<string, string>> | undefined,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(values ?? {}).filter(
      ([name]) =>
        !name.startsWith(annotationPrefix) &&
        !name.startsWith("kubectl.kubernetes.io/") &&
        !name.startsWith("cluster.x-k8s.io/"),
    ),
  )
}
