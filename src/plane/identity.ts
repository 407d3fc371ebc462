import {
  type Authority,
  buildKubeconfig,
  type CertifiedKey,
  createAuthority,
  generateKey,
  issueCertificate,
  readCertificate,
  TokenSigner,
  TokenVerifier,
} from "#pki"
import type { Clock } from "#base"
import type { DataDirectory } from "./data-directory.ts"

const caValidityDays = 3_650
const certificateValidityDays = 365
const renewalLeftMs = 30 * 24 * 60 * 60 * 1000
export const tokenIssuer = "https://kubernetes.default.svc.cluster.local"

/** Who the plane is: its authority, its serving certificate, its token keys, its administrator. */
export interface Identity {
  readonly authority: Authority
  readonly serving: CertifiedKey
  readonly admin: CertifiedKey
  readonly tokens: {
    readonly signer: TokenSigner
    readonly verifier: TokenVerifier
    readonly issuer: string
  }
}

export interface IdentityOptions {
  readonly directory: DataDirectory
  readonly clock: Clock
  /** Names and addresses the API is reached by. */
  readonly hosts: readonly string[]
}

/** Reads the identity, making what is missing and renewing what is about to expire. */
export async function loadIdentity(options: IdentityOptions): Promise<Identity> {
  const { directory, clock } = options
  const authority = await stored(directory, "ca", clock, () =>
    createAuthority({
      commonName: "mothership-ca",
      keyKind: "p-256",
      validityDays: caValidityDays,
      nowMs: clock.now(),
    }),
  )
  const hosts = ["127.0.0.1", "localhost", ...options.hosts]
  const serving = await issueCertificate(authority, {
    commonName: "kube-apiserver",
    dnsNames: hosts.filter((host) => !isAddress(host)),
    ipAddresses: hosts.filter((host) => isAddress(host)),
    usages: ["server"],
    validityDays: certificateValidityDays,
    keyKind: "p-256",
    nowMs: clock.now(),
  })
  const admin = await stored(directory, "admin", clock, () =>
    issueCertificate(authority, {
      commonName: "kubernetes-admin",
      organizations: ["system:masters"],
      usages: ["client"],
      validityDays: certificateValidityDays,
      keyKind: "p-256",
      nowMs: clock.now(),
    }),
  )
  const tokenKey = await storedKey(directory)
  return {
    authority,
    serving,
    admin,
    tokens: {
      issuer: tokenIssuer,
      signer: new TokenSigner({ privateKeyPem: tokenKey.privateKeyPem, issuer: tokenIssuer }),
      verifier: new TokenVerifier({ publicKeysPem: [tokenKey.publicKeyPem], issuer: tokenIssuer }),
    },
  }
}

/** The administrator's kubeconfig. */
export function adminKubeconfig(identity: Identity, server: string): string {
  return buildKubeconfig({
    clusterName: "mothership",
    server,
    caPem: identity.authority.certificatePem,
    user: "kubernetes-admin",
    clientCertificatePem: identity.admin.certificatePem,
    clientKeyPem: identity.admin.privateKeyPem,
  })
}

/** Addresses are digits and dots, or have a colon; everything else is a name. */
function isAddress(host: string): boolean {
  return /^[\d.]+$/.test(host) || host.includes(":")
}

async function stored(
  directory: DataDirectory,
  name: string,
  clock: Clock,
  make: () => Promise<CertifiedKey>,
): Promise<CertifiedKey> {
  const certificatePem = await directory.read(`pki/${name}.crt`)
  const privateKeyPem = await directory.read(`pki/${name}.key`)
  if (certificatePem && privateKeyPem) {
    const { notAfterMs } = readCertificate(certificatePem)
    if (notAfterMs - clock.now() > renewalLeftMs) return { certificatePem, privateKeyPem }
  }
  const made = await make()
  await directory.write(`pki/${name}.key`, made.privateKeyPem)
  await directory.write(`pki/${name}.crt`, made.certificatePem)
  return made
}

async function storedKey(
  directory: DataDirectory,
): Promise<{ readonly privateKeyPem: string; readonly publicKeyPem: string }> {
  const privateKeyPem = await directory.read("pki/service-account.key")
  const publicKeyPem = await directory.read("pki/service-account.pub")
  if (privateKeyPem && publicKeyPem) return { privateKeyPem, publicKeyPem }
  const made = await generateKey("p-256")
  await directory.write("pki/service-account.pub", made.publicKeyPem)
  await directory.write("pki/service-account.key", made.privateKeyPem)
  return made
}
