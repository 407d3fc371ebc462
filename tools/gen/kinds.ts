import type { DiscoveredResource } from "./documents.ts"
import type { GoKind } from "./messages.ts"

/** A line of the resource table, as `src/apis/kubernetes` reads it. */
interface ResourceRow {
  readonly group: string
  readonly version: string
  readonly kind: string
  readonly plural: string
  readonly singular: string
  readonly namespaced: boolean
  readonly shortNames: readonly string[]
  readonly categories: readonly string[]
  readonly verbs: readonly string[]
  readonly definition: string
  readonly subresources: readonly SubresourceRow[]
}

interface SubresourceRow {
  readonly name: string
  readonly group: string
  readonly version: string
  readonly kind: string
  readonly verbs: readonly string[]
}

/**
 * The resources of every kind in the table, from what a full API server's discovery says of them.
 */
export function makeResources(
  kinds: readonly GoKind[],
  discover: (group: string, version: string) => readonly DiscoveredResource[],
): readonly ResourceRow[] {
  return groupVersions(kinds).flatMap(({ group, version }) => {
    const discovered = discover(group, version)
    return kinds
      .filter((kind) => kind.group === group && kind.version === version)
      .flatMap((kind) => resourceRow(kind, discovered) ?? [])
  })
}

function groupVersions(kinds: readonly GoKind[]): readonly { group: string; version: string }[] {
  const byName = new Map(
    kinds
      .filter(({ group }) => group !== "meta.k8s.io" && group !== "autoscaling")
      .map(({ group, version }) => [`${group}/${version}`, { group, version }]),
  )
  return [...byName.values()]
}

function resourceRow(
  kind: GoKind,
  discovered: readonly DiscoveredResource[],
): ResourceRow | undefined {
  const resource = discovered.find(({ name, kind: of }) => of === kind.kind && !name.includes("/"))
  if (!resource) return undefined
  const { group, version } = kind
  return {
    group,
    version,
    kind: kind.kind,
    plural: resource.name,
    singular: resource.singularName,
    namespaced: resource.namespaced,
    shortNames: resource.shortNames ?? [],
    categories: resource.categories ?? [],
    verbs: resource.verbs,
    definition: kind.message,
    subresources: discovered
      .filter(({ name }) => name.startsWith(`${resource.name}/`))
      .map((part) => ({
        name: part.name.slice(resource.name.length + 1),
        group: part.group ?? group,
        version: part.version ?? version,
        kind: part.kind,
        verbs: part.verbs,
      })),
  }
}
