import { createHash } from "node:crypto"

/** Host key algorithms by family: a host shows one key per family, and a pin names one of them. */
export const hostKeyFamilies = [
  ["ssh-ed25519"],
  ["ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521"],
  ["rsa-sha2-512", "rsa-sha2-256"],
] as const

export type HostKeyFamily = (typeof hostKeyFamilies)[number]

/** The fingerprint of a public key in SSH wire format, as OpenSSH prints it. */
export function fingerprintOf(key: Buffer): string {
  return `SHA256:${createHash("sha256").update(key).digest("base64").replace(/=+$/, "")}`
}

/** Accepts what people paste: padding or a missing prefix make no difference. */
export function normalizeFingerprint(text: string): string {
  return `SHA256:${text
    .trim()
    .replace(/^SHA256:/i, "")
    .replace(/=+$/, "")}`
}

/** The family of a public key in SSH wire format; undefined for kinds that are never asked for. */
export function familyOf(key: Buffer): HostKeyFamily | undefined {
  const length = key.length >= 4 ? key.readUInt32BE(0) : 0
  const type = key.toString("latin1", 4, 4 + Math.min(length, 64))
  if (type === "ssh-ed25519") return hostKeyFamilies[0]
  if (type.startsWith("ecdsa-")) return hostKeyFamilies[1]
  if (type === "ssh-rsa") return hostKeyFamilies[2]
  return undefined
}
