import type { ClusterRole, PolicyRule } from "#apis"
import { deepEqual } from "#base"
import { type LabelSelector, matchesSelector, selectorOf } from "#meta"

/**
 * The rules an aggregating role must have: those of the roles it selects, each once, by role name.
 */
export function aggregatedRules(
  role: ClusterRole,
  all: readonly ClusterRole[],
): readonly PolicyRule[] {
  const selectors = role.aggregationRule?.clusterRoleSelectors ?? []
  const selected = all
    .filter((other) => other.metadata.name !== role.metadata.name)
    .filter((other) => selectors.some((selector) => selects(selector, other)))
    .sort((left, right) => (left.metadata.name < right.metadata.name ? -1 : 1))
  const rules: PolicyRule[] = []
  for (const rule of selected.flatMap((other) => other.rules ?? [])) {
    if (!rules.some((known) => deepEqual(known, rule))) rules.push(rule)
  }
  return rules
}

function selects(selector: LabelSelector, { metadata }: ClusterRole): boolean {
  const parsed = selectorOf(selector)
  return parsed !== undefined && matchesSelector(parsed, metadata.labels)
}
