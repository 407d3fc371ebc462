import { bootstrapSentinel } from "#contract"
import type { Controller } from "#controller"
import { defaultHostLayout, type HostLayout, isSameMachine, type MachineIdentity } from "#remote"
import type { WorkloadClusters } from "#workload"

import { ArtifactStore } from "./artifacts/artifact-store.ts"
import { keySecretController } from "./key-secret.controller.ts"
import { pooledRemoteMachineController } from "./pooled-remote-machine.controller.ts"
import { remoteClusterController } from "./remote-cluster.controller.ts"
import { remoteMachineController } from "./remote-machine/remote-machine.controller.ts"
import { HostSessions } from "./session/host-sessions.ts"

export { ArtifactStore } from "./artifacts/artifact-store.ts"
export { journalText, readMachineJournal } from "./machine-journal.ts"
export { ProvisionError } from "./plan/provision-error.ts"
export { remoteRules } from "./remote.rules.ts"

export interface RemoteControllerOptions {
  readonly workloads: WorkloadClusters
  /** The artifact store, or the directory of one. */
  readonly artifacts: ArtifactStore | string
  /** Where our files lie on hosts, and which paths say that one is in use. */
  readonly layout?: HostLayout | undefined
  /** The file whose existence says that a bootstrap succeeded; Cluster API's unless given. */
  readonly sentinel?: string | undefined
  /**
   * Raised when a plane is restored, so that hosts no longer obey the one it was restored from; 1
   * unless given.
   */
  readonly epoch?: number | undefined
  /** How many hosts are worked on at once; 256 unless given. */
  readonly sessionsMax?: number | undefined
  /** How long a deletion waits for a host that cannot be cleaned; 10 minutes unless given. */
  readonly releaseTimeoutMs?: number | undefined
  /** Whether a host is the one that the plane runs on; asks the host unless given. */
  readonly isOwnHost?: ((host: MachineIdentity) => Promise<boolean>) | undefined
}

/** The controllers of this provider. What they do on hosts ends when they are stopped. */
export function remoteControllers(given: RemoteControllerOptions): readonly Controller[] {
  const { layout = defaultHostLayout, artifacts } = given
  const options = {
    workloads: given.workloads,
    artifacts: typeof artifacts === "string" ? new ArtifactStore(artifacts) : artifacts,
    sessions: new HostSessions({ layout, sessionsMax: given.sessionsMax ?? 256 }),
    layout,
    sentinel: given.sentinel ?? bootstrapSentinel,
    epoch: given.epoch ?? 1,
    releaseTimeoutMs: given.releaseTimeoutMs ?? 10 * 60_000,
    isOwnHost: given.isOwnHost ?? isSameMachine,
  }
  return [
    remoteClusterController(),
    remoteMachineController(options),
    pooledRemoteMachineController(options),
    keySecretController(),
  ]
}
