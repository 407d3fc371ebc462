export { type Dial, type DialedTransport, dialHttp } from "./dial.ts"
export { WorkloadCluster } from "./workload-cluster.ts"
export { WorkloadClusters, type WorkloadClustersOptions } from "./workload-clusters.ts"
export {
  type Connected,
  type Disconnected,
  type DisconnectedReason,
  type WorkloadEvent,
  type WorkloadState,
  WorkloadUnavailableError,
} from "./workload-state.ts"
export { DuplicateProviderIdError, findNodeByProviderId, isNodeUnreachable } from "./node-lookup.ts"
export { attachedVolumes } from "./drain/attached-volumes.ts"
export { drainNode, type DrainOptions } from "./drain/drain-node.ts"
export type { DrainReport } from "./drain/drain-report.ts"
