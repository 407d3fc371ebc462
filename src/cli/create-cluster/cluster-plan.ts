import type { HostAddress } from "./host-address.ts"

/** Everything that is asked of a cluster on machines that exist already. */
export interface ClusterPlan {
  readonly name: string
  readonly namespace: string
  /** The first one starts the cluster, and is its endpoint. */
  readonly controlPlane: readonly HostAddress[]
  readonly workers: readonly HostAddress[]
  /** With a leading `v`. */
  readonly kubernetesVersion: string
  /** Name of the artifact set that the hosts get; undefined for hosts that are prepared already. */
  readonly artifacts: string | undefined
  readonly podCidr: string
  readonly serviceCidr: string
  readonly sshKey: SshKey
}

/** The private key, and its passphrase when it has one. */
export interface SshKey {
  readonly pem: string
  readonly passphrase?: string | undefined
}

export const apiServerPort = 6443
