import { deepEqual, isObject } from "#base"
import type { Kind } from "#meta"

/** What a CRD says about one kind, without prose. */
export interface CrdFacts {
  readonly group: string
  readonly scope: string
  readonly names: {
    readonly kind: string
    readonly listKind: string
    readonly plural: string
    readonly singular: string
    readonly shortNames?: readonly string[] | undefined
    readonly categories?: readonly string[] | undefined
  }
  readonly versions: readonly VersionFacts[]
}

interface VersionFacts {
  readonly name: string
  readonly deprecated: boolean
  readonly subresources: unknown
  readonly columns: readonly unknown[]
  readonly schema: unknown
}

/**
 * Where a kind differs from a CRD, one line each, by version and path. Prose is not compared, and
 * two spellings count as one: a list without a list type is atomic, and the `anyOf` that stands
 * beside `x-kubernetes-int-or-string` says nothing more.
 */
export function crdDifferences(kind: Kind, facts: CrdFacts): readonly string[] {
  const found: string[] = []
  compare(found, "names", namesOf(kind), { group: facts.group, scope: facts.scope, ...facts.names })
  for (const theirs of facts.versions) {
    const ours = kind.versions.find((version) => version.name === theirs.name)
    if (!ours) {
      found.push(`${theirs.name}: not served`)
      continue
    }
    const { deprecated, columns, schema } = ours
    const subresources = {
      ...(ours.subresources.status ? { status: {} } : {}),
      ...(ours.subresources.scale ? { scale: ours.subresources.scale } : {}),
    }
    compare(found, theirs.name, { deprecated, columns, subresources }, withoutSchema(theirs))
    compare(found, theirs.name, normalize(schema), normalize(theirs.schema))
  }
  for (const { name } of kind.versions) {
    if (!facts.versions.some((theirs) => theirs.name === name)) found.push(`${name}: only ours`)
  }
  return found
}

function namesOf(kind: Kind): unknown {
  return {
    group: kind.group,
    scope: kind.namespaced ? "Namespaced" : "Cluster",
    kind: kind.kind,
    listKind: kind.listKind,
    plural: kind.plural,
    singular: kind.singular,
    ...(kind.shortNames.length > 0 ? { shortNames: kind.shortNames } : {}),
    ...(kind.categories.length > 0 ? { categories: kind.categories } : {}),
  }
}

function withoutSchema({ deprecated, columns, subresources }: VersionFacts): unknown {
  return { deprecated, columns, subresources }
}

/** The schema as nested plain objects whose keys are property names, `[]`, `{}` and `@keyword`. */
function normalize(schema: unknown): unknown {
  if (!isObject(schema)) return schema
  const facts: Record<string, unknown> = {}
  for (const [keyword, value] of Object.entries(schema)) {
    if (keyword === "description" || value === undefined) continue
    if (keyword === "anyOf" && schema["x-kubernetes-int-or-string"]) continue
    if (keyword === "properties" && isObject(value)) {
      for (const [name, part] of Object.entries(value)) facts[name] = normalize(part)
    } else if (keyword === "items") facts["[]"] = normalize(value)
    else if (keyword === "additionalProperties") facts["{}"] = normalize(value)
    else if (keyword === "required" && Array.isArray(value)) facts["@required"] = value.toSorted()
    else facts[`@${keyword.replace("x-kubernetes-", "")}`] = value
  }
  if (schema["type"] === "array") facts["@list-type"] ??= "atomic"
  return facts
}

function compare(found: string[], path: string, ours: unknown, theirs: unknown): void {
  if (isObject(ours) && isObject(theirs)) {
    for (const key of new Set([...Object.keys(ours), ...Object.keys(theirs)])) {
      compare(found, `${path}.${key}`, ours[key], theirs[key])
    }
    return
  }
  if (deepEqual(ours, theirs)) return
  found.push(`${path}: ours ${JSON.stringify(ours)}, theirs ${JSON.stringify(theirs)}`)
}
