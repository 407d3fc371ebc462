import { difference, type FieldSet } from "./field-set.ts"

/** What nobody owns: it identifies the object or belongs to the server. */
const unowned: FieldSet = {
  "f:apiVersion": {},
  "f:kind": {},
  "f:metadata": {
    ".": {},
    "f:name": {},
    "f:namespace": {},
    "f:creationTimestamp": {},
    "f:selfLink": {},
    "f:uid": {},
    "f:clusterName": {},
    "f:generation": {},
    "f:managedFields": {},
    "f:resourceVersion": {},
  },
}

export function withoutUnowned(fields: FieldSet): FieldSet {
  return difference(fields, unowned)
}

const statusFields: FieldSet = { "f:status": {} }
const allButStatus: FieldSet = { "f:metadata": {}, "f:spec": {} }

/**
 * The fields that a custom resource's endpoint puts back to what they were, so that writing them
 * there neither conflicts nor makes anyone their owner: the status at the main endpoint of a kind
 * that has a status subresource, everything else at the status endpoint.
 */
export function resetFieldsOf(endpoint: {
  readonly subresource: string
  readonly hasStatus: boolean
}): FieldSet | undefined {
  if (endpoint.subresource === "status") return allButStatus
  return endpoint.subresource === "" && endpoint.hasStatus ? statusFields : undefined
}
