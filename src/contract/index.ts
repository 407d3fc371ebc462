export { type BootstrapData, bootstrapValues, readBootstrapData } from "./bootstrap-data.ts"
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
export { annotation, bootstrapSentinel, finalizer, label, uninitializedTaint } from "./names.ts"
