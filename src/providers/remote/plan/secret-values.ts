import type { PlanFile } from "#remote"

const assignment =
  /(?:token|password|passwd|secret|certificatekey|certificate-key|api[-_]?key)["']?\s*[:=]\s*["']?([^\s"',]{6,})/gi

const privateKey = /-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----/

/**
 * The secret values in files that only their owner may read: key blocks, tokens that are a file of
 * their own, and what stands behind a telling name.
 */
export function secretValues(files: readonly PlanFile[]): string[] {
  const values = files.flatMap(({ content, mode = "0644" }) => {
    if ((Number.parseInt(mode, 8) & 0o004) !== 0) return []
    const text = Buffer.from(content, "base64").toString("utf8")
    const assigned = [...text.matchAll(assignment)].map(([, value]) => value ?? "")
    const isWhole = privateKey.test(text) || text.trim().split("\n").length === 1
    return isWhole ? [text.trim(), ...assigned] : assigned
  })
  return [...new Set(values)].filter((value) => value.length >= 6)
}
