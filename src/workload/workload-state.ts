import type { Node } from "#apis"
import type { Client } from "#client"
import type { ObjectCache, ObjectKey } from "#meta"

/** The API server answers, and the Nodes are known. */
export interface Connected {
  readonly kind: "connected"
  readonly client: Client
  /** Never older than what `client` wrote. */
  readonly nodes: ObjectCache<Node>
}

export type DisconnectedReason =
  | "NoKubeconfig"
  | "InvalidKubeconfig"
  | "Connecting"
  | "Unauthorized"
  | "Unreachable"

export interface Disconnected {
  readonly kind: "disconnected"
  readonly reason: DisconnectedReason
  /** For people: what went wrong last. */
  readonly message: string
}

export type WorkloadState = Connected | Disconnected

/** Something in a workload cluster that controllers look at. */
export type WorkloadEvent =
  | { readonly type: "connection"; readonly cluster: ObjectKey }
  | {
      readonly type: "node"
      readonly cluster: ObjectKey
      readonly node: Node
      /** Its state before, when there was one. */
      readonly old: Node | undefined
    }

/** Somebody needed the workload cluster while it was not connected. */
export class WorkloadUnavailableError extends Error {
  override readonly name = "WorkloadUnavailableError"
  readonly reason: DisconnectedReason

  constructor(cluster: ObjectKey, state: Disconnected) {
    super(`reach workload cluster ${cluster.name}: ${state.message}`)
    this.reason = state.reason
  }
}
