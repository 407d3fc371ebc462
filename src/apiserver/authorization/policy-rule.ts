import type { Attributes } from "./authorizer.ts"

/** `rbac.authorization.k8s.io/v1` PolicyRule. */
export interface PolicyRule {
  readonly verbs: readonly string[]
  readonly apiGroups?: readonly string[] | undefined
  readonly resources?: readonly string[] | undefined
  readonly resourceNames?: readonly string[] | undefined
  readonly nonResourceURLs?: readonly string[] | undefined
}

/** True when the rule grants what is asked for. */
export function ruleAllows(rule: PolicyRule, attributes: Attributes): boolean {
  if (!matches(rule.verbs, attributes.verb)) return false
  if (attributes.kind === "path") return matchesPath(rule.nonResourceURLs ?? [], attributes.path)
  const { resourceNames = [] } = rule
  return (
    matches(rule.apiGroups ?? [], attributes.group) &&
    matchesResource(rule.resources ?? [], attributes.resource) &&
    (resourceNames.length === 0 ||
      (attributes.name !== undefined && resourceNames.includes(attributes.name)))
  )
}

function matches(granted: readonly string[], asked: string): boolean {
  return granted.includes("*") || granted.includes(asked)
}

/** `*`, `pods`, `pods/log`, or `*` + `/scale` for one subresource of everything. */
function matchesResource(granted: readonly string[], asked: string): boolean {
  if (matches(granted, asked)) return true
  const slash = asked.indexOf("/")
  return slash >= 0 && granted.includes(`*${asked.slice(slash)}`)
}

function matchesPath(granted: readonly string[], asked: string): boolean {
  return granted.some((path) =>
    path.endsWith("*") ? asked.startsWith(path.slice(0, -1)) : path === asked,
  )
}

/**
 * The rules among `wanted` that `held` does not cover, cut down to single verbs and resources: what
 * somebody would gain by writing them.
 */
export function uncoveredRules(
  held: readonly PolicyRule[],
  wanted: readonly PolicyRule[],
): readonly PolicyRule[] {
  return wanted
    .flatMap((rule) => singleRules(rule))
    .filter((rule) => !held.some((owned) => covers(owned, rule)))
}

/** Fewer rules that grant the same: those that differ only in their verbs become one. */
export function compactRules(rules: readonly PolicyRule[]): readonly PolicyRule[] {
  const compact = new Map<string, PolicyRule>()
  for (const rule of rules) {
    const { verbs, ...granted } = rule
    const key = JSON.stringify(granted)
    const others = compact.get(key)?.verbs ?? []
    compact.set(key, { ...rule, verbs: [...new Set([...others, ...verbs])] })
  }
  return [...compact.values()]
}

function singleRules(rule: PolicyRule): readonly PolicyRule[] {
  const { verbs, apiGroups = [], resources = [], resourceNames = [], nonResourceURLs = [] } = rule
  const names = resourceNames.length === 0 ? [undefined] : resourceNames
  const paths = nonResourceURLs.flatMap((path) =>
    verbs.map((verb): PolicyRule => ({ verbs: [verb], nonResourceURLs: [path] })),
  )
  const objects = verbs.flatMap((verb) =>
    apiGroups.flatMap((apiGroup) =>
      resources.flatMap((resource) =>
        names.map((name): PolicyRule => ({
          verbs: [verb],
          apiGroups: [apiGroup],
          resources: [resource],
          ...(name === undefined ? {} : { resourceNames: [name] }),
        })),
      ),
    ),
  )
  return [...paths, ...objects]
}

function covers(owned: PolicyRule, single: PolicyRule): boolean {
  if (!matches(owned.verbs, single.verbs[0] ?? "")) return false
  const [path] = single.nonResourceURLs ?? []
  if (path !== undefined) return matchesPath(owned.nonResourceURLs ?? [], path)
  const { resourceNames = [] } = owned
  const [name] = single.resourceNames ?? []
  return (
    matches(owned.apiGroups ?? [], single.apiGroups?.[0] ?? "") &&
    matchesResource(owned.resources ?? [], single.resources?.[0] ?? "") &&
    (resourceNames.length === 0 || (name !== undefined && resourceNames.includes(name)))
  )
}
