import { createHash, createPublicKey, randomBytes, sign, X509Certificate } from "node:crypto"
import { isIP, SocketAddress } from "node:net"
import * as der from "./der.ts"
import { generateKey, type KeyKind, type KeyPair, PkiError, readPrivateKey } from "./key-pair.ts"

/** A certificate and its private key, as PEM. */
export interface CertifiedKey {
  readonly certificatePem: string
  readonly privateKeyPem: string
}

/** A certificate that may sign others, with its key. */
export type Authority = CertifiedKey

export interface AuthorityOptions {
  readonly commonName: string
  readonly validityDays: number
  /** Given to certify a key that exists; otherwise one of `keyKind` is made. */
  readonly key?: KeyPair | undefined
  /** Default `rsa-2048`. */
  readonly keyKind?: KeyKind | undefined
  /** Milliseconds since the epoch. */
  readonly nowMs: number
}

export interface CertificateOptions extends AuthorityOptions {
  readonly organizations?: readonly string[] | undefined
  readonly dnsNames?: readonly string[] | undefined
  readonly ipAddresses?: readonly string[] | undefined
  readonly usages: readonly ("client" | "server")[]
}

const dayMs = 24 * 60 * 60 * 1000
/** Certificates are valid from a little earlier, for machines whose clock is behind. */
const clockSkewMs = 5 * 60 * 1000

const oid = {
  commonName: "2.5.4.3",
  organization: "2.5.4.10",
  subjectKeyIdentifier: "2.5.29.14",
  keyUsage: "2.5.29.15",
  subjectAltName: "2.5.29.17",
  basicConstraints: "2.5.29.19",
  authorityKeyIdentifier: "2.5.29.35",
  extendedKeyUsage: "2.5.29.37",
  serverAuth: "1.3.6.1.5.5.7.3.1",
  clientAuth: "1.3.6.1.5.5.7.3.2",
  sha256WithRsa: "1.2.840.113549.1.1.11",
  sha256WithEcdsa: "1.2.840.10045.4.3.2",
}

/** Bits of the keyUsage extension, most significant first. */
const keyUsageBits = { digitalSignature: 0x80, keyEncipherment: 0x20, keyCertSign: 0x04 }

/** A self-signed certificate authority as kubeadm makes them: its own name is also a DNS name. */
export async function createAuthority(options: AuthorityOptions): Promise<Authority> {
  const key = options.key ?? (await generateKey(options.keyKind ?? "rsa-2048"))
  const subject = distinguishedName(options.commonName, [])
  const subjectKeyId = keyIdentifier(key.publicKeyPem)
  const certificatePem = await signCertificate({
    subject,
    issuer: subject,
    publicKeyPem: key.publicKeyPem,
    signingKeyPem: key.privateKeyPem,
    notBeforeMs: options.nowMs - clockSkewMs,
    notAfterMs: options.nowMs + options.validityDays * dayMs,
    extensions: [
      keyUsage(["digitalSignature", "keyEncipherment", "keyCertSign"]),
      extension(oid.basicConstraints, true, der.sequence(der.boolean(true))),
      extension(oid.subjectKeyIdentifier, false, der.octets(subjectKeyId)),
      subjectAltName([options.commonName], []),
    ],
  })
  return { certificatePem, privateKeyPem: key.privateKeyPem }
}

/** A leaf certificate signed by the authority; it never outlives it. */
export async function issueCertificate(
  authority: Authority,
  options: CertificateOptions,
): Promise<CertifiedKey> {
  const issuer = readIssuer(authority)
  const key = options.key ?? (await generateKey(options.keyKind ?? "rsa-2048"))
  const { dnsNames = [], ipAddresses = [], organizations = [] } = options
  const purposes = options.usages.map((usage) =>
    der.objectId(usage === "client" ? oid.clientAuth : oid.serverAuth),
  )
  const issuerKeyId = der.sequence(der.implicit(0, issuer.keyId))
  const certificatePem = await signCertificate({
    subject: distinguishedName(options.commonName, organizations),
    issuer: issuer.subject,
    publicKeyPem: key.publicKeyPem,
    signingKeyPem: authority.privateKeyPem,
    notBeforeMs: Math.max(options.nowMs - clockSkewMs, issuer.notBeforeMs),
    notAfterMs: Math.min(options.nowMs + options.validityDays * dayMs, issuer.notAfterMs),
    extensions: [
      keyUsage(["digitalSignature", "keyEncipherment"]),
      ...(purposes.length === 0
        ? []
        : [extension(oid.extendedKeyUsage, false, der.sequence(...purposes))]),
      extension(oid.basicConstraints, true, der.sequence()),
      extension(oid.authorityKeyIdentifier, false, issuerKeyId),
      ...(dnsNames.length + ipAddresses.length === 0
        ? []
        : [subjectAltName(dnsNames, ipAddresses)]),
    ],
  })
  return { certificatePem, privateKeyPem: key.privateKeyPem }
}

interface CertificateParts {
  readonly subject: der.Der
  readonly issuer: der.Der
  readonly publicKeyPem: string
  readonly signingKeyPem: string
  readonly notBeforeMs: number
  readonly notAfterMs: number
  readonly extensions: readonly der.Der[]
}

async function signCertificate(parts: CertificateParts): Promise<string> {
  const signingKey = readPrivateKey(parts.signingKeyPem)
  const algorithm =
    signingKey.asymmetricKeyType === "rsa"
      ? der.sequence(der.objectId(oid.sha256WithRsa), der.nothing())
      : der.sequence(der.objectId(oid.sha256WithEcdsa))
  const serial = randomBytes(16)
  serial[0] = (serial[0] ?? 0) & 0x7f
  const body = der.sequence(
    der.explicit(0, der.integer(Buffer.from([2]))),
    der.integer(serial),
    algorithm,
    parts.issuer,
    der.sequence(der.time(parts.notBeforeMs), der.time(parts.notAfterMs)),
    parts.subject,
    publicKeyInfo(parts.publicKeyPem),
    der.explicit(3, der.sequence(...parts.extensions)),
  )
  const signature = await new Promise<Buffer>((resolve, reject) => {
    sign("sha256", body, signingKey, (error, result) => (error ? reject(error) : resolve(result)))
  })
  const certificate = der.sequence(body, algorithm, der.bits(signature))
  const lines = certificate.toString("base64").match(/.{1,64}/g) ?? []
  return `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`
}

function distinguishedName(commonName: string, organizations: readonly string[]): der.Der {
  const attribute = (type: string, value: string): der.Der =>
    der.setOf(der.sequence(der.objectId(type), der.text(value)))
  return der.sequence(
    ...organizations.map((organization) => attribute(oid.organization, organization)),
    attribute(oid.commonName, commonName),
  )
}

function extension(type: string, isCritical: boolean, value: der.Der): der.Der {
  const flag = isCritical ? [der.boolean(true)] : []
  return der.sequence(der.objectId(type), ...flag, der.octets(value))
}

function keyUsage(usages: readonly (keyof typeof keyUsageBits)[]): der.Der {
  const value = usages.reduce((sum, usage) => sum | keyUsageBits[usage], 0)
  const unusedBits = 31 - Math.clz32(value & -value)
  return extension(oid.keyUsage, true, der.bits(Buffer.from([value]), unusedBits))
}

function subjectAltName(dnsNames: readonly string[], ipAddresses: readonly string[]): der.Der {
  return extension(
    oid.subjectAltName,
    false,
    der.sequence(
      ...dnsNames.map((name) => der.implicit(2, Buffer.from(name, "ascii"))),
      ...ipAddresses.map((address) => der.implicit(7, addressBytes(address))),
    ),
  )
}

function addressBytes(address: string): Buffer {
  const family = isIP(address)
  if (family === 4) return Buffer.from(address.split(".").map(Number))
  if (family !== 6) {
    throw new PkiError(`issue certificate: ${JSON.stringify(address)} is not an IP address`)
  }
  const plain = new SocketAddress({ address, family: "ipv6" }).address
  const dotted = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(plain)
  const text = dotted
    ? `${dotted[1]}${pair(dotted[2], dotted[3])}:${pair(dotted[4], dotted[5])}`
    : plain
  const [head = "", tail] = text.split("::")
  const left = head === "" ? [] : head.split(":")
  const right = tail === undefined || tail === "" ? [] : tail.split(":")
  const zeros = Array.from({ length: 8 - left.length - right.length }, () => "0")
  const groups = tail === undefined ? left : [...left, ...zeros, ...right]
  return Buffer.from(groups.map((group) => group.padStart(4, "0")).join(""), "hex")
}

function pair(high: string | undefined, low: string | undefined): string {
  return (Number(high) * 256 + Number(low)).toString(16)
}

/** The DER of a public key, as certificates carry it. */
function publicKeyInfo(publicKeyPem: string): Buffer {
  return createPublicKey(publicKeyPem).export({ format: "der", type: "spki" })
}

/** SHA-1 of the key bits, the usual identifier; it names a key and protects nothing. */
function keyIdentifier(publicKeyPem: string): Buffer {
  const outer = der.readValue(publicKeyInfo(publicKeyPem), 0)
  const algorithm = der.readValue(outer.content, 0)
  const key = der.readValue(outer.content, algorithm.end)
  return createHash("sha1").update(key.content.subarray(1)).digest()
}

interface Issuer {
  readonly subject: der.Der
  readonly keyId: Buffer
  readonly notBeforeMs: number
  readonly notAfterMs: number
}

function readIssuer(authority: Authority): Issuer {
  const certificate = new X509Certificate(authority.certificatePem)
  if (!certificate.ca) throw new PkiError("issue certificate: the signer is not an authority")
  if (!certificate.checkPrivateKey(readPrivateKey(authority.privateKeyPem))) {
    throw new PkiError("issue certificate: the authority's key does not belong to its certificate")
  }
  const publicKeyPem = certificate.publicKey.export({ format: "pem", type: "spki" }) as string
  return {
    subject: subjectOf(certificate.raw),
    keyId: subjectKeyIdOf(certificate.raw) ?? keyIdentifier(publicKeyPem),
    notBeforeMs: certificate.validFromDate.getTime(),
    notAfterMs: certificate.validToDate.getTime(),
  }
}

/** The subject's encoding as it stands: an issuer must repeat it byte for byte. */
function subjectOf(certificate: Buffer): der.Der {
  return toBeSigned(certificate)[5]?.whole ?? Buffer.alloc(0)
}

function subjectKeyIdOf(certificate: Buffer): Buffer | undefined {
  const wrapper = toBeSigned(certificate).find((field) => field.tag === 0xa3)
  if (!wrapper) return undefined
  for (const entry of der.readMembers(der.readValue(wrapper.content, 0).content)) {
    const [type, ...rest] = der.readMembers(entry.content)
    const value = rest.at(-1)
    if (value && type?.whole.equals(der.objectId(oid.subjectKeyIdentifier))) {
      return der.readValue(value.content, 0).content
    }
  }
  return undefined
}

function toBeSigned(certificate: Buffer): readonly der.DecodedValue[] {
  const body = der.readValue(der.readValue(certificate, 0).content, 0)
  return der.readMembers(body.content)
}
