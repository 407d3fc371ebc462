import type { HostLayout, MachineIdentity } from "#remote"
import type { WorkloadClusters } from "#workload"

import type { ArtifactStore } from "./artifacts/artifact-store.ts"
import type { HostSessions } from "./session/host-sessions.ts"

/** What the controllers of this provider share, defaults filled in. */
export interface RemoteOptions {
  readonly workloads: WorkloadClusters
  readonly artifacts: ArtifactStore
  readonly sessions: HostSessions
  readonly layout: HostLayout
  readonly sentinel: string
  /** Of two planes with the same machines, hosts obey the one with the higher epoch. */
  readonly epoch: number
  /**
   * How long the deletion of a machine waits for its host before it says how to go on without it.
   */
  readonly releaseTimeoutMs: number
  readonly isOwnHost: (host: MachineIdentity) => Promise<boolean>
}
