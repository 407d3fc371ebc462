const nameAlphabet = "bcdfghjklmnpqrstvwxz2456789"

/** Random lower-case name part, from the alphabet that Kubernetes uses for generated names. */
export function randomName(length: number): string {
  const bytes = crypto.getRandomValues(new Uint8Array(length))
  return Array.from(bytes, (byte) => nameAlphabet[byte % nameAlphabet.length]).join("")
}

/** Random lower-case hexadecimal string of `bytes * 2` characters. */
export function randomHex(bytes: number): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(bytes)), (byte) =>
    byte.toString(16).padStart(2, "0"),
  ).join("")
}

/** RFC 4122 version 4 identifier, as `metadata.uid` carries it. */
export function randomUid(): string {
  return crypto.randomUUID()
}
