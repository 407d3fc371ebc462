import { createHash, X509Certificate } from "node:crypto"
import { PkiError } from "./key-pair.ts"

/** What we ask of a certificate. Times are milliseconds since the epoch. */
export interface CertificateFacts {
  readonly commonName: string
  readonly organizations: readonly string[]
  readonly dnsNames: readonly string[]
  readonly ipAddresses: readonly string[]
  readonly isAuthority: boolean
  readonly notBeforeMs: number
  readonly notAfterMs: number
}

/** Reads the first certificate of a PEM text. Errors: `PkiError`. */
export function readCertificate(pem: string): CertificateFacts {
  const certificate = parse(pem)
  const names = certificate.subjectAltName?.split(", ") ?? []
  const named = (prefix: string): string[] =>
    names.filter((name) => name.startsWith(prefix)).map((name) => name.slice(prefix.length))
  return {
    commonName: attributes(certificate.subject, "CN")[0] ?? "",
    organizations: attributes(certificate.subject, "O"),
    dnsNames: named("DNS:"),
    ipAddresses: named("IP Address:"),
    isAuthority: certificate.ca,
    notBeforeMs: certificate.validFromDate.getTime(),
    notAfterMs: certificate.validToDate.getTime(),
  }
}

/** kubeadm's discovery hash of an authority's public key: `sha256:` and 64 hexadecimal digits. */
export function publicKeyHash(certificatePem: string): string {
  const publicKey = parse(certificatePem).publicKey.export({ format: "der", type: "spki" })
  return `sha256:${createHash("sha256").update(publicKey).digest("hex")}`
}

function parse(pem: string): X509Certificate {
  try {
    return new X509Certificate(pem)
  } catch (cause) {
    throw new PkiError("read certificate: not a PEM certificate", { cause })
  }
}

/** Subjects come as one `KEY=value` per line. */
function attributes(subject: string | undefined, key: string): string[] {
  const prefix = `${key}=`
  return (subject ?? "")
    .split("\n")
    .filter((line) => line.startsWith(prefix))
    .map((line) => line.slice(prefix.length))
}
