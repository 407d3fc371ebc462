import type { ApiObject } from "#meta"
import { kindRef } from "./kind-ref.ts"

export interface Node extends ApiObject {
  readonly spec?: NodeSpec | undefined
  readonly status?: NodeStatus | undefined
}

export interface NodeSpec {
  readonly podCIDR?: string | undefined
  readonly podCIDRs?: readonly string[] | undefined
  readonly providerID?: string | undefined
  readonly unschedulable?: boolean | undefined
  readonly taints?: readonly Taint[] | undefined
}

export interface Taint {
  readonly key: string
  readonly value?: string | undefined
  readonly effect: "NoSchedule" | "PreferNoSchedule" | "NoExecute"
  readonly timeAdded?: string | undefined
}

export interface NodeStatus {
  readonly capacity?: Readonly<Record<string, string>> | undefined
  readonly allocatable?: Readonly<Record<string, string>> | undefined
  readonly phase?: string | undefined
  readonly conditions?: readonly NodeCondition[] | undefined
  readonly addresses?: readonly NodeAddress[] | undefined
  readonly nodeInfo?: NodeSystemInfo | undefined
  readonly volumesAttached?: readonly AttachedVolume[] | undefined
  readonly volumesInUse?: readonly string[] | undefined
}

export interface NodeCondition {
  readonly type: string
  readonly status: "True" | "False" | "Unknown"
  readonly reason?: string | undefined
  readonly message?: string | undefined
  readonly lastHeartbeatTime?: string | null | undefined
  readonly lastTransitionTime?: string | null | undefined
}

export interface NodeAddress {
  readonly type: string
  readonly address: string
}

export interface NodeSystemInfo {
  readonly machineID: string
  readonly systemUUID: string
  readonly bootID: string
  readonly kernelVersion: string
  readonly osImage: string
  readonly containerRuntimeVersion: string
  readonly kubeletVersion: string
  readonly kubeProxyVersion: string
  readonly operatingSystem: string
  readonly architecture: string
}

export interface AttachedVolume {
  readonly name: string
  readonly devicePath: string
}

export const NodeKind = kindRef<Node>("v1", "Node")
