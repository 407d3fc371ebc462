export {
  type Authority,
  type AuthorityOptions,
  type CertificateOptions,
  type CertifiedKey,
  createAuthority,
  issueCertificate,
} from "./authority.ts"
export {
  type CertificateFacts,
  isKeyOf,
  isSignedBy,
  publicKeyHash,
  readCertificate,
} from "./certificate.ts"
export { generateKey, type KeyKind, type KeyPair, keyPairOf, PkiError } from "./key-pair.ts"
export {
  buildKubeconfig,
  type KubeconfigConnection,
  type KubeconfigCredentials,
  type KubeconfigOptions,
  type KubeconfigReadOptions,
  parseKubeconfig,
} from "./kubeconfig.ts"
export {
  type IssuedToken,
  type ServiceAccountClaims,
  type TokenObject,
  type TokenRequestOptions,
  TokenSigner,
  TokenVerifier,
  type VerifiedToken,
} from "./service-account-token.ts"
