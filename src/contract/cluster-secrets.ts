import type { Clock } from "#base"
import { type Cluster, type Secret, SecretKind, label } from "#apis"
import { isAlreadyExists, type ObjectKey, type OwnerReference } from "#meta"
import type { Manifest } from "#client"
import {
  type Authority,
  buildKubeconfig,
  createAuthority,
  generateKey,
  issueCertificate,
  parseKubeconfig,
  readCertificate,
} from "#pki"
import { endpointText } from "./contract-facts.ts"

/** What a cluster's Secrets hold; the name of each is `<cluster>-<purpose>`. */
export type SecretPurpose = "ca" | "etcd" | "proxy" | "sa" | "kubeconfig"

/** The key pairs that a control plane is made of. */
export const certificatePurposes = ["ca", "etcd", "proxy", "sa"] as const
export type CertificatePurpose = (typeof certificatePurposes)[number]

/** Certificate (for `sa` the public key) and private key, PEM. */
export interface KeyMaterial {
  readonly certificatePem: string
  readonly privateKeyPem: string
}

/** Reads and creates Secrets; a controller's scope is one. */
export interface SecretAccess {
  live(kind: typeof SecretKind, key: ObjectKey): Promise<Secret | undefined>
  create(kind: typeof SecretKind, object: Manifest<Secret>): Promise<Secret>
}

/** The Secret type of everything Cluster API stores for a cluster. */
export const clusterSecretType = "cluster.x-k8s.io/secret"

const caValidityDays = 3_650
const clientValidityDays = 365

export function clusterSecretName(cluster: string, purpose: SecretPurpose): string {
  return `${cluster}-${purpose}`
}

/** A Secret that belongs to a cluster: labelled, typed, owned. Values are plain text here. */
export function clusterSecret(
  key: ObjectKey,
  cluster: string,
  owner: OwnerReference | undefined,
  values: Readonly<Record<string, string>>,
): Manifest<Secret> {
  return {
    metadata: {
      ...key,
      labels: { [label.clusterName]: cluster },
      ...(owner ? { ownerReferences: [owner] } : {}),
    },
    type: clusterSecretType,
    data: Object.fromEntries(
      Object.entries(values).map(([name, value]) => [name, encodeSecret(value)]),
    ),
  }
}

export function encodeSecret(value: string): string {
  return Buffer.from(value).toString("base64")
}

/** The text under a key of a Secret; undefined when it is not there. */
export function secretText(secret: Secret | undefined, key: string): string | undefined {
  const value = secret?.data?.[key]
  return value === undefined ? undefined : Buffer.from(value, "base64").toString("utf8")
}

/** Certificate and key of one purpose; undefined when the Secret is missing or has no `tls.crt`. */
export async function readClusterKey(
  access: Pick<SecretAccess, "live">,
  cluster: Cluster,
  purpose: CertificatePurpose,
): Promise<KeyMaterial | undefined> {
  const { namespace, name } = cluster.metadata
  const secret = await access.live(SecretKind, {
    namespace,
    name: clusterSecretName(name, purpose),
  })
  const certificatePem = secretText(secret, "tls.crt")
  const privateKeyPem = secretText(secret, "tls.key")
  return certificatePem === undefined
    ? undefined
    : { certificatePem, privateKeyPem: privateKeyPem ?? "" }
}

/**
 * The cluster's key pairs, made where they are missing; those a user provides are kept. A create
 * that another one beat is read back.
 */
export async function ensureClusterKeys(
  access: SecretAccess,
  cluster: Cluster,
  options: { readonly owner: OwnerReference; readonly clock: Clock },
): Promise<Readonly<Record<CertificatePurpose, KeyMaterial>>> {
  const pairs = await Promise.all(
    certificatePurposes.map(async (purpose) => {
      const known = await readClusterKey(access, cluster, purpose)
      return [purpose, known ?? (await createKey(access, cluster, purpose, options))] as const
    }),
  )
  return Object.fromEntries(pairs) as Record<CertificatePurpose, KeyMaterial>
}

async function createKey(
  access: SecretAccess,
  cluster: Cluster,
  purpose: CertificatePurpose,
  { owner, clock }: { readonly owner: OwnerReference; readonly clock: Clock },
): Promise<KeyMaterial> {
  const material = await makeKey(purpose, clock)
  const { namespace, name } = cluster.metadata
  const key = { namespace, name: clusterSecretName(name, purpose) }
  const values = { "tls.crt": material.certificatePem, "tls.key": material.privateKeyPem }
  try {
    await access.create(SecretKind, clusterSecret(key, name, owner, values))
    return material
  } catch (error) {
    if (!isAlreadyExists(error)) throw error
    const winner = await readClusterKey(access, cluster, purpose)
    if (!winner) throw error
    return winner
  }
}

const authorityNames = { ca: "kubernetes", etcd: "etcd-ca", proxy: "front-proxy-ca" } as const

async function makeKey(purpose: CertificatePurpose, clock: Clock): Promise<KeyMaterial> {
  if (purpose === "sa") {
    const pair = await generateKey("rsa-2048")
    return { certificatePem: pair.publicKeyPem, privateKeyPem: pair.privateKeyPem }
  }
  return await createAuthority({
    commonName: authorityNames[purpose],
    validityDays: caValidityDays,
    nowMs: clock.now(),
  })
}

/** An administrator's kubeconfig for the cluster, signed by its CA; valid for a year. */
export async function adminKubeconfigFor(
  cluster: Cluster,
  authority: Authority,
  clock: Clock,
): Promise<string> {
  const { host = "", port = 6443 } = cluster.spec.controlPlaneEndpoint ?? {}
  const { name } = cluster.metadata
  const admin = await issueCertificate(authority, {
    commonName: "kubernetes-admin",
    organizations: ["system:masters"],
    usages: ["client"],
    validityDays: clientValidityDays,
    nowMs: clock.now(),
  })
  return buildKubeconfig({
    clusterName: name,
    server: `https://${endpointText({ host, port })}`,
    caPem: authority.certificatePem,
    user: `${name}-admin`,
    clientCertificatePem: admin.certificatePem,
    clientKeyPem: admin.privateKeyPem,
  })
}

const renewalLeftMs = (clientValidityDays / 2) * 24 * 60 * 60 * 1000

/** True when the kubeconfig's client certificate has less than half a year left. */
export function kubeconfigNeedsRenewal(kubeconfig: string, clock: Clock): boolean {
  const { clientCertificatePem } = parseKubeconfig(kubeconfig)
  if (clientCertificatePem === undefined) return false
  return readCertificate(clientCertificatePem).notAfterMs - clock.now() < renewalLeftMs
}
