export {
  type BootstrapData,
  bootstrapSentinel,
  bootstrapValues,
  readBootstrapData,
} from "./bootstrap-data.ts"
export { clonedKind, cloneTemplate } from "./clone-template.ts"
export {
  type CloudCommand,
  type CloudConfig,
  CloudConfigError,
  type CloudFile,
  type CloudUser,
  parseCloudConfig,
} from "./cloud-config.ts"
export {
  adminKubeconfigFor,
  type CertificatePurpose,
  clusterSecret,
  clusterSecretName,
  encodeSecret,
  ensureClusterKeys,
  type KeyMaterial,
  kubeconfigNeedsRenewal,
  readClusterKey,
  secretText,
} from "./cluster-secrets.ts"
export {
  aggregateConditions,
  type AggregatePart,
  listText,
  type MergeReasons,
  mirrorCondition,
  observationOf,
  type Polarity,
  summarizeConditions,
  type SummaryPart,
} from "./condition-merge.ts"
export {
  conditionsOf,
  type ControlPlaneFacts,
  type Endpoint,
  endpointOf,
  endpointText,
  readBootstrapConfig,
  readControlPlane,
  readInfraCluster,
  readInfraMachine,
  type VersionCount,
} from "./contract-facts.ts"
export { hasOwner, isOwnedBy, ownerOfKind, ownerReference, withOwner } from "./owner.ts"
export { pausedByCluster } from "./paused.ts"
export { nodeAnnotationsOf, nodeLabelsOf } from "./propagation.ts"
