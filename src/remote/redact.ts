/** What stands in the place of a secret. */
const redactedText = "[redacted]"

const beginKey = /-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----/
const endKey = /-----END [A-Z0-9 ]*PRIVATE KEY-----/
const wholeKey = new RegExp(`${beginKey.source}[\\s\\S]*?${endKey.source}`, "g")

/** Bootstrap tokens: their first part is an id, the second the secret. */
const bootstrapToken = /(?<![a-z0-9])([a-z0-9]{6})\.[a-z0-9]{16}(?![a-z0-9])/g
/** Certificate keys; digests, which say what they are, stay readable. */
const certificateKey = /(?<!sha256:)(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])/g

/** A PEM block in base64, as kubeconfigs hold it, unless it is a certificate. */
const encodedKey = /LS0tLS1CRUdJTi(?!BDRVJUSUZJQ0FUR)[A-Za-z0-9+/=]{20,}/g

/**
 * The parts of secret values that are worth hiding: lines of six characters and more, longest
 * first.
 */
export function secretLines(secrets: readonly string[]): string[] {
  const lines = secrets
    .flatMap((secret) => secret.split(/\r?\n/))
    .map((line) => line.trim())
    .filter(
      (line) => line.length >= 6 && !/^(?:\*+|-----(?:BEGIN|END) [A-Z0-9 ]+-----)$/.test(line),
    )
  return [...new Set(lines)].sort((left, right) => right.length - left.length)
}

/**
 * Hides bootstrap tokens, certificate keys, private keys and the given secret values. A private key
 * whose beginning or end is cut off is hidden up to the edge of the text.
 */
export function redact(text: string, secrets: readonly string[] = []): string {
  let result = text.replace(wholeKey, redactedText)
  const end = endKey.exec(result)
  if (end) result = redactedText + result.slice(end.index + end[0].length)
  const begin = beginKey.exec(result)
  if (begin) result = result.slice(0, begin.index) + redactedText
  for (const line of secretLines(secrets)) result = result.replaceAll(line, redactedText)
  return result
    .replace(encodedKey, redactedText)
    .replace(bootstrapToken, `$1.${redactedText}`)
    .replace(certificateKey, redactedText)
}

/** Where the last private key block begins that has no end yet; -1 when all are whole. */
export function openKeyStart(text: string): number {
  let from = 0
  for (;;) {
    const begin = beginKey.exec(text.slice(from))
    if (!begin) return -1
    const start = from + begin.index
    const end = endKey.exec(text.slice(start))
    if (!end) return start
    from = start + end.index + end[0].length
  }
}

/** Text fit to be shown and stored: progress bars become lines, other control characters go. */
export function printable(text: string): string {
  return text
    .replace(/\x1b\[[0-9;?]*[ -/]*[@-~]/g, "")
    .replace(/\r+\n/g, "\n")
    .replaceAll("\r", "\n")
    .replace(/[\x00-\x08\x0b-\x1f\x7f-\x9f]/g, "")
}
