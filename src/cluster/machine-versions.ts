import type { Machine } from "#apis"
import type { VersionCount } from "#contract"

/** The versions that Machines run, by their kubelets where these have spoken. */
export function versionsOf(machines: readonly Machine[]): VersionCount[] | undefined {
  return mergeVersions(
    machines.flatMap(({ spec, status }) => {
      const version = status?.nodeInfo?.kubeletVersion || spec.version
      return version ? [{ version, replicas: 1 }] : []
    }),
  )
}

/** One entry for each version, oldest first. */
export function mergeVersions(entries: readonly VersionCount[]): VersionCount[] | undefined {
  const counts = new Map<string, number>()
  for (const { version, replicas = 0 } of entries) {
    counts.set(version, (counts.get(version) ?? 0) + replicas)
  }
  if (counts.size === 0) return undefined
  return [...counts]
    .sort(([left], [right]) => left.localeCompare(right, "en", { numeric: true }))
    .map(([version, replicas]) => ({ version, ...(replicas > 0 ? { replicas } : {}) }))
}
