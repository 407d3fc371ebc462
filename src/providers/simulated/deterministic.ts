import { createHash } from "node:crypto"

/** A UID that is always the same for the same parts: simulated objects come back as they were. */
export function derivedUid(...parts: readonly string[]): string {
  const hex = createHash("sha256").update(parts.join("\0")).digest("hex")
  const variant = ((Number.parseInt(hex[16] ?? "0", 16) & 0x3) | 0x8).toString(16)
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `5${hex.slice(13, 16)}`,
    `${variant}${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join("-")
}

/** A number from 0 to below 1 that is always the same for the same parts. */
export function derivedFraction(...parts: readonly string[]): number {
  const digest = createHash("sha256").update(parts.join("\0")).digest()
  return digest.readUInt32BE(0) / 2 ** 32
}
