import { type CustomResourceDefinition, CustomResourceDefinitionKind } from "#apis"
import type { CacheSource, KindRef, ObjectCache, UntypedObject } from "#meta"
import type { KindResolver } from "./kind-resolver.ts"

/** Newest first. A contract's label lists the versions that implement it, joined by `_`. */
const contractLabels = ["cluster.x-k8s.io/v1beta2", "cluster.x-k8s.io/v1beta1"]

/** Answers from the CRDs that the API serves, and follows their changes. */
export class CrdKindResolver implements KindResolver {
  readonly #source: CacheSource
  readonly #known = new Map<string, KindRef<UntypedObject> | undefined>()
  #cache: Promise<ObjectCache<CustomResourceDefinition>> | undefined

  constructor(source: CacheSource) {
    this.#source = source
  }

  async resolve(group: string, kind: string): Promise<KindRef<UntypedObject> | undefined> {
    this.#cache ??= this.#open()
    const cache = await this.#cache
    const key = `${kind}.${group}`
    if (!this.#known.has(key)) this.#known.set(key, find(cache, group, kind))
    return this.#known.get(key)
  }

  async #open(): Promise<ObjectCache<CustomResourceDefinition>> {
    const cache = await this.#source.cache(CustomResourceDefinitionKind)
    cache.subscribe(() => this.#known.clear())
    return cache
  }
}

/** The name that Cluster API computes comes first, so that not every definition must be parsed. */
function find(
  cache: ObjectCache<CustomResourceDefinition>,
  group: string,
  kind: string,
): KindRef<UntypedObject> | undefined {
  const matches = (definition: CustomResourceDefinition | undefined): boolean =>
    definition?.spec.group === group && definition.spec.names.kind === kind
  const computed = cache.get(undefined, `${pluralOf(kind)}.${group}`)
  const definition = matches(computed) ? computed : cache.list().find(matches)
  const version = definition && contractVersion(definition)
  if (!definition || version === undefined) return undefined
  return {
    group,
    version,
    kind,
    plural: definition.spec.names.plural,
    namespaced: definition.spec.scope === "Namespaced",
  }
}

function contractVersion(definition: CustomResourceDefinition): string | undefined {
  const served = definition.spec.versions.filter((version) => version.served)
  for (const label of contractLabels) {
    const named = definition.metadata.labels?.[label]?.split("_") ?? []
    const usable = served.map(({ name }) => name).filter((name) => named.includes(name))
    const newest = usable.sort(compareVersions).at(-1)
    if (newest !== undefined) return newest
  }
  return undefined
}

/** Kubernetes' order: v1 after v1beta2 after v1beta1 after v1alpha1. */
function compareVersions(left: string, right: string): number {
  return versionRank(left) - versionRank(right)
}

function versionRank(version: string): number {
  const [, major = "0", stage = "", minor = "0"] = /^v(\d+)(alpha|beta)?(\d+)?$/.exec(version) ?? []
  const stageRank = stage === "" ? 2 : stage === "beta" ? 1 : 0
  return stageRank * 1e6 + Number(major) * 1e3 + Number(minor)
}

function pluralOf(kind: string): string {
  const lower = kind.toLowerCase()
  if (/(s|x|z|ch|sh)$/.test(lower)) return `${lower}es`
  return /[^aeiou]y$/.test(lower) ? `${lower.slice(0, -1)}ies` : `${lower}s`
}
