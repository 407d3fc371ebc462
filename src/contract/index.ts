export {
  type BootstrapData,
  bootstrapSentinel,
  bootstrapValues,
  readBootstrapData,
} from "./bootstrap-data.ts"
export { clonedKind, cloneTemplate, type CloneOptions, TemplateError } from "./clone-template.ts"
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
  certificatePurposes,
  clusterSecret,
  clusterSecretName,
  clusterSecretType,
  encodeSecret,
  ensureClusterKeys,
  type KeyMaterial,
  kubeconfigNeedsRenewal,
  readClusterKey,
  type SecretAccess,
  type SecretPurpose,
  secretText,
} from "./cluster-secrets.ts"
export {
  aggregateConditions,
  type AggregateOptions,
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
  type BootstrapConfigFacts,
  conditionsOf,
  type ControlPlaneFacts,
  type Endpoint,
  endpointOf,
  type InfraClusterFacts,
  type InfraMachineFacts,
  readBootstrapConfig,
  readControlPlane,
  readInfraCluster,
  readInfraMachine,
  type VersionCount,
} from "./contract-facts.ts"
export { hasOwner, isOwnedBy, ownerOfKind, ownerReference, withOwner } from "./owner.ts"
export { pausedByCluster } from "./paused.ts"
export { nodeAnnotationsOf, nodeLabelsOf, type TemplateMetadata } from "./propagation.ts"
