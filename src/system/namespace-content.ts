import type { Resource, Table } from "#apiserver"
import type { ApiObject } from "#meta"
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

/** Everything in the namespace, pods first: what they use must not go before them. */
export function residentsOf(
  resources: ServedResources,
  namespace: string,
): readonly ResidentObjects[] {
  return resources.all
    .filter((resource) => resource.namespaced)
    .map((resource) => ({ resource, objects: objectsIn(resource.table, namespace) }))
    .filter(({ objects }) => objects.length > 0)
    .sort((left, right) => Number(isPods(right.resource)) - Number(isPods(left.resource)))
}

function objectsIn(table: Table, namespace: string): readonly ApiObject[] {
  return Array.from(table.range(`${table.prefix}${namespace}/`), (record) => record.object)
}

function isPods({ group, plural }: Resource): boolean {
  return group === "" && plural === "pods"
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
