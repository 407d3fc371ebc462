import type { Finding } from "./finding.ts"

/** Known offenders: how many findings of a rule a file may have. It may only shrink. */
export type Ratchet = Readonly<Record<string, Readonly<Record<string, number>>>>

/** Findings beyond what the ratchet forgives, and entries of it that forgive too much. */
export function applyRatchet(findings: readonly Finding[], ratchet: Ratchet): readonly Finding[] {
  const counts = countFindings(findings)
  const fresh = findings.filter(
    ({ rule, file }) => (counts[rule]?.[file] ?? 0) > (ratchet[rule]?.[file] ?? 0),
  )
  return [...fresh, ...slackOf(ratchet, counts)]
}

export function countFindings(findings: readonly Finding[]): Ratchet {
  const counts: Record<string, Record<string, number>> = {}
  for (const { rule, file } of findings) {
    const byFile = (counts[rule] ??= {})
    byFile[file] = (byFile[file] ?? 0) + 1
  }
  return counts
}

function slackOf(ratchet: Ratchet, counts: Ratchet): readonly Finding[] {
  return Object.entries(ratchet).flatMap(([rule, byFile]) =>
    Object.entries(byFile)
      .filter(([file, forgiven]) => (counts[rule]?.[file] ?? 0) < forgiven)
      .map(([file]) => ({
        rule,
        file: "tools/tidy/ratchet.json",
        line: 0,
        message: `${file} has ${counts[rule]?.[file] ?? 0} left: lower its number, or remove it`,
      })),
  )
}
