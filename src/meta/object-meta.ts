import type { JsonObject } from "#base"

/** `metav1.OwnerReference`. */
export interface OwnerReference {
  readonly apiVersion: string
  readonly kind: string
  readonly name: string
  readonly uid: string
  readonly controller?: boolean | undefined
  readonly blockOwnerDeletion?: boolean | undefined
}

/** `metav1.ManagedFieldsEntry`; `fieldsV1` is the trie as JSON. */
export interface ManagedFieldsEntry {
  readonly manager?: string | undefined
  readonly operation?: "Apply" | "Update" | undefined
  readonly apiVersion?: string | undefined
  readonly time?: string | undefined
  readonly fieldsType?: string | undefined
  readonly fieldsV1?: JsonObject | undefined
  readonly subresource?: string | undefined
}

/** `metav1.ObjectMeta`. Times are RFC 3339 strings; `resourceVersion` is a decimal integer. */
export interface ObjectMeta {
  readonly name: string
  readonly generateName?: string | undefined
  readonly namespace?: string | undefined
  readonly uid?: string | undefined
  readonly resourceVersion?: string | undefined
  readonly generation?: number | undefined
  readonly creationTimestamp?: string | undefined
  readonly deletionTimestamp?: string | undefined
  readonly deletionGracePeriodSeconds?: number | undefined
  readonly labels?: Readonly<Record<string, string>> | undefined
  readonly annotations?: Readonly<Record<string, string>> | undefined
  readonly finalizers?: readonly string[] | undefined
  readonly ownerReferences?: readonly OwnerReference[] | undefined
  readonly managedFields?: readonly ManagedFieldsEntry[] | undefined
}

/** Any Kubernetes object: what every kind has in common. */
export interface ApiObject {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: ObjectMeta
}

/** An object of a kind that we have no type for. */
export type UntypedObject = ApiObject & { readonly [field: string]: unknown }

/** What distinguishes two objects of one kind. Cluster-scoped objects have no namespace. */
export interface ObjectKey {
  readonly namespace?: string | undefined
  readonly name: string
}

/** `group/version`, or `version` for the core group. */
export function apiVersionOf(group: string, version: string): string {
  return group === "" ? version : `${group}/${version}`
}

/** Splits an apiVersion into group and version. */
export function splitApiVersion(apiVersion: string): { group: string; version: string } {
  const slash = apiVersion.indexOf("/")
  return slash < 0
    ? { group: "", version: apiVersion }
    : { group: apiVersion.slice(0, slash), version: apiVersion.slice(slash + 1) }
}

/** The reference with `controller: true`, if any. */
export function controllerOf(object: ApiObject): OwnerReference | undefined {
  return object.metadata.ownerReferences?.find((owner) => owner.controller === true)
}

/** `namespace/name`, or the name alone for cluster-scoped objects. */
export function keyText(key: ObjectKey): string {
  return key.namespace ? `${key.namespace}/${key.name}` : key.name
}

export function keyOf(object: ApiObject): ObjectKey {
  const { namespace, name } = object.metadata
  return { namespace, name }
}
