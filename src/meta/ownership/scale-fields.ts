import type { ManagedFieldsEntry } from "../object-meta.ts"
import { difference, FieldSetBuilder, type FieldSet, hasPath, isEmptySet } from "./field-set.ts"
import { decodeManagers, encodeManagers, type Managers } from "./managers.ts"
import { fieldElement } from "./path-element.ts"

const scaleApiVersion = "autoscaling/v1"
const scaleFields: FieldSet = { "f:spec": { "f:replicas": {} } }
const scalePath = ["f:spec", "f:replicas"]

export interface ScaleMapping {
  /**
   * Of the parent at the request: entries that the scale endpoint adds are written in its terms.
   */
  readonly apiVersion: string
  /**
   * Where each served version keeps its replicas, as member names; undefined for unknown versions.
   */
  readonly replicasPath: (apiVersion: string) => readonly string[] | undefined
}

type Entries = readonly ManagedFieldsEntry[] | undefined

function pathOf({ replicasPath }: ScaleMapping, apiVersion: string): string[] | undefined {
  return replicasPath(apiVersion)?.map(fieldElement)
}

function setOf(path: readonly string[]): FieldSet {
  const builder = new FieldSetBuilder()
  builder.add(path)
  return builder.set
}

/** The parent's `managedFields` as a Scale would have them: who owns the number of replicas. */
export function scaleManagedFields(mapping: ScaleMapping, parent: Entries): Entries {
  const managers: Managers = new Map()
  for (const [id, manager] of decodeManagers(parent)) {
    const path = pathOf(mapping, manager.apiVersion)
    if (!path || !hasPath(manager.fields, path)) continue
    const entry = undefined
    managers.set(id, { ...manager, apiVersion: scaleApiVersion, fields: scaleFields, entry })
  }
  return encodeManagers(managers, undefined)
}

/** The parent's `managedFields` after a write to its Scale, whose own are `scale`. */
export function parentManagedFields(
  mapping: ScaleMapping,
  parent: Entries,
  scale: Entries,
): Entries {
  const scaleManagers = new Map(
    [...decodeManagers(scale).values()].map((manager) => [scaleId(manager), manager]),
  )
  const result: Managers = new Map()
  for (const [id, manager] of decodeManagers(parent)) {
    const path = pathOf(mapping, manager.apiVersion)
    const scaler = scaleManagers.get(scaleId(manager))
    if (!path || !hasPath(manager.fields, path)) {
      result.set(id, manager)
      continue
    }
    if (scaler) {
      result.set(id, { ...manager, time: scaler.time })
      scaleManagers.delete(scaleId(manager))
      continue
    }
    const fields = difference(manager.fields, setOf(path))
    if (!isEmptySet(fields)) result.set(id, { ...manager, fields })
  }
  const path = pathOf(mapping, mapping.apiVersion)
  for (const [id, manager] of scaleManagers) {
    if (!path || !hasPath(manager.fields, scalePath)) continue
    const fields = setOf(path)
    result.set(id, { ...manager, apiVersion: mapping.apiVersion, fields, entry: undefined })
  }
  return encodeManagers(result, parent)
}

/** Entries of a Scale carry its version, so a manager is known by the rest of its identity. */
function scaleId(manager: {
  readonly name: string
  readonly operation: string
  readonly subresource: string
}): string {
  return JSON.stringify([manager.name, manager.operation, manager.subresource])
}
