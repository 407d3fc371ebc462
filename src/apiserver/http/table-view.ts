import type { ApiObject } from "#meta"
import type { Resource } from "../resource.ts"

export interface ListMeta {
  readonly resourceVersion?: string | undefined
  readonly continue?: string | undefined
  readonly remainingItemCount?: number | undefined
}

type Columned = Pick<Resource, "columns">

interface RowOptions {
  readonly includeObject: string | null
  readonly nowMs: number
}

export interface TableOptions extends RowOptions {
  readonly version: "v1" | "v1beta1"
}

/** `meta.k8s.io` Table: what `kubectl get` prints. */
export function tableOf(
  resource: Columned,
  objects: readonly ApiObject[],
  metadata: ListMeta,
  options: TableOptions,
): unknown {
  return {
    ...tableHead(resource, options.version),
    metadata,
    rows: objects.map((object) => rowOf(resource, object, options)),
  }
}

/** A table without its rows. */
export function tableHead(resource: Columned, version: TableOptions["version"]): object {
  return {
    kind: "Table",
    apiVersion: `meta.k8s.io/${version}`,
    columnDefinitions: resource.columns.map((column) => ({
      name: column.name,
      type: column.type,
      format: column.format ?? "",
      description: column.description ?? "",
      priority: column.priority ?? 0,
    })),
  }
}

export function rowOf(resource: Columned, object: ApiObject, options: RowOptions): object {
  return {
    cells: resource.columns.map((column) => column.cell(object, options.nowMs)),
    object: rowObject(object, options.includeObject),
  }
}

function rowObject(object: ApiObject, includeObject: string | null): unknown {
  if (includeObject === "None") return null
  return includeObject === "Object" ? object : metadataOf(object)
}

/** `PartialObjectMetadata`: everything but the content. */
export function metadataOf(object: ApiObject): unknown {
  return {
    kind: "PartialObjectMetadata",
    apiVersion: "meta.k8s.io/v1",
    metadata: object.metadata,
  }
}
