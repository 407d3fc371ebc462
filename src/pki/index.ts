export {
  type Authority,
  type CertifiedKey,
  createAuthority,
  issueCertificate,
} from "./authority.ts"
export { publicKeyHash, readCertificate } from "./certificate.ts"
export { generateKey, PkiError } from "./key-pair.ts"
export { buildKubeconfig, type KubeconfigConnection, parseKubeconfig } from "./kubeconfig.ts"
export { TokenSigner, TokenVerifier, type VerifiedToken } from "./service-account-token.ts"
