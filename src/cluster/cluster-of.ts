import { type Cluster, ClusterKind } from "#apis"
import type { ApiObject, ObjectCache } from "#meta"

/** A scope of an object that belongs to a Cluster. */
export interface MemberScope {
  readonly object: ApiObject & { readonly spec: { readonly clusterName: string } }
  read(kind: typeof ClusterKind): ObjectCache<Cluster>
}

/** The Cluster that the scope's object names, if it is there. */
export function clusterOf(scope: MemberScope): Cluster | undefined {
  const { metadata, spec } = scope.object
  return scope.read(ClusterKind).get(metadata.namespace, spec.clusterName)
}
