import type { Resource, Table } from "#apiserver"
import { ClusterKind, PodKind, SecretKind } from "#apis"
import type { ApiObject, KindRef } from "#meta"
import type { ServedResources } from "./served-resources.ts"

/** What is still in a namespace, by resource and by finalizer. */
export interface NamespaceContent {
  /** `plural.group` with how many objects there are. */
  readonly counts: ReadonlyMap<string, number>
  /** Finalizers with how many objects they hold. */
  readonly finalizers: ReadonlyMap<string, number>
}

/** Objects of one resource in a namespace. */
export interface ResidentObjects {
  readonly resource: Resource
  readonly objects: readonly ApiObject[]
}

/**
 * Everything in the namespace, in the order in which it goes. Pods and Clusters come first: what
 * they use must not go before them, and a Cluster takes its Machines down in an order of its own.
 * Secrets come last: hosts are cleaned, and nodes drained, with what is in them.
 */
export function residentsOf(
  resources: ServedResources,
  namespace: string,
): readonly ResidentObjects[] {
  return resources.all
    .filter((resource) => resource.namespaced)
    .map((resource) => ({ resource, objects: objectsIn(resource.table, namespace) }))
    .filter(({ objects }) => objects.length > 0)
    .sort((left, right) => stageOf(left.resource) - stageOf(right.resource))
}

/** What goes now: nothing of a stage goes before all of the stages ahead of it is gone. */
export function firstStage(residents: readonly ResidentObjects[]): readonly ResidentObjects[] {
  const [first] = residents
  if (!first) return []
  return residents.filter(({ resource }) => stageOf(resource) === stageOf(first.resource))
}

function objectsIn(table: Table, namespace: string): readonly ApiObject[] {
  return Array.from(table.range(`${table.prefix}${namespace}/`), (record) => record.object)
}

function stageOf(resource: Resource): number {
  const is = ({ group, plural }: KindRef): boolean =>
    resource.group === group && resource.plural === plural
  if (is(PodKind) || is(ClusterKind)) return 0
  return is(SecretKind) ? 2 : 1
}

export function countContent(residents: readonly ResidentObjects[]): NamespaceContent {
  const counts = new Map<string, number>()
  const finalizers = new Map<string, number>()
  for (const { resource, objects } of residents) {
    counts.set(qualifiedPlural(resource), objects.length)
    for (const finalizer of objects.flatMap((object) => object.metadata.finalizers ?? [])) {
      finalizers.set(finalizer, (finalizers.get(finalizer) ?? 0) + 1)
    }
  }
  return { counts, finalizers }
}

/** The core group's name is empty, and the dot stays: `pods.`. */
function qualifiedPlural({ group, plural }: Resource): string {
  return `${plural}.${group}`
}
