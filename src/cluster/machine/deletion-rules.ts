import { annotation, type Cluster, isControlPlane, type Machine } from "#apis"
import { readControlPlane } from "#contract"
import type { UntypedObject } from "#meta"

/** What the decision whether a Machine's Node is drained and deleted rests on. */
export interface NodeDeletionInput {
  readonly machine: Machine
  /** Undefined when it is gone. */
  readonly cluster: Cluster | undefined
  /** The object behind `controlPlaneRef`, when there is one. */
  readonly controlPlane: UntypedObject | undefined
  /** All Machines of the cluster. */
  readonly machines: readonly Machine[]
}

/** Why the Node is left alone; undefined when it is drained and deleted. */
export function keepNodeReason(input: NodeDeletionInput): string | undefined {
  const { machine, cluster, controlPlane, machines } = input
  if (!cluster) return "the Cluster is gone"
  if (cluster.metadata.deletionTimestamp !== undefined) return "the Cluster is being deleted"
  if (!machine.status?.nodeRef) return "there is no Node"
  if (controlPlane?.metadata.deletionTimestamp !== undefined) {
    return "the control plane is being deleted"
  }
  if (controlPlane && readControlPlane(controlPlane).isExternallyManaged) return undefined
  const isServed = machines.some(
    (each) => isControlPlane(each) && each.metadata.deletionTimestamp === undefined,
  )
  return isServed ? undefined : "no control plane Machine is left"
}

/** Annotations with this prefix hold a deletion up; sorted. */
export function hooksOf(machine: Machine, prefix: string): readonly string[] {
  return Object.keys(machine.metadata.annotations ?? {})
    .filter((name) => name.startsWith(prefix))
    .sort()
}

export interface NodeWorkInput {
  readonly machine: Machine
  readonly infrastructure: UntypedObject | undefined
  readonly nowMs: number
}

/** True while the Node is to be drained: not excluded, not too late, not over already. */
export function mayDrain({ machine, infrastructure, nowMs }: NodeWorkInput): boolean {
  if (machine.metadata.annotations?.[annotation.excludeNodeDraining] !== undefined) return false
  if (isPastNodeWork(machine, infrastructure)) return false
  const { nodeDrainTimeoutSeconds } = machine.spec.deletion ?? {}
  return !isOver(machine.status?.deletion?.nodeDrainStartTime, nodeDrainTimeoutSeconds, nowMs)
}

/** True while volumes may hold the deletion up. */
export function mayWaitForVolumes({ machine, infrastructure, nowMs }: NodeWorkInput): boolean {
  if (machine.metadata.annotations?.[annotation.excludeVolumeDetach] !== undefined) return false
  if (isPastNodeWork(machine, infrastructure)) return false
  const { nodeVolumeDetachTimeoutSeconds } = machine.spec.deletion ?? {}
  const { waitForNodeVolumeDetachStartTime } = machine.status?.deletion ?? {}
  return !isOver(waitForNodeVolumeDetachStartTime, nodeVolumeDetachTimeoutSeconds, nowMs)
}

/** The machine under the Node is going, or somebody waits to terminate it: draining is over. */
function isPastNodeWork(machine: Machine, infrastructure: UntypedObject | undefined): boolean {
  return (
    machine.status?.deletion?.waitForPreTerminateHookStartTime !== undefined ||
    infrastructure === undefined ||
    infrastructure.metadata.deletionTimestamp !== undefined
  )
}

/** A limit of 0, or none, is never over. */
function isOver(
  startedAt: string | undefined,
  limitSeconds: number | undefined,
  nowMs: number,
): boolean {
  if (startedAt === undefined || !limitSeconds) return false
  return nowMs - Date.parse(startedAt) >= limitSeconds * 1000
}

/** True when no more attempts are made to delete the Node. */
export function isNodeDeletionOver(machine: Machine, nowMs: number): boolean {
  const { nodeDeletionTimeoutSeconds } = machine.spec.deletion ?? {}
  return isOver(machine.metadata.deletionTimestamp, nodeDeletionTimeoutSeconds, nowMs)
}
