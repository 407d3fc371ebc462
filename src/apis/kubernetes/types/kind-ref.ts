import type { ApiObject, KindRef } from "#meta"
import { kubernetesKinds } from "../kinds.ts"

/**
 * The reference to a kind of Kubernetes' own groups, its scope and plural from the resource table.
 */
export function kindRef<T extends ApiObject>(apiVersion: string, kind: string): KindRef<T> {
  const found = kubernetesKinds.find(
    (each) =>
      each.kind === kind &&
      (each.group === "" ? each.version : `${each.group}/${each.version}`) === apiVersion,
  )
  if (!found) throw new TypeError(`find kind: no ${kind} in ${apiVersion}`)
  const { group, version, plural, namespaced } = found
  return { group, version, kind, plural, namespaced }
}
