import type { PrinterColumn } from "#meta"
import { label } from "./cluster/names.ts"

/**
 * Labels of a CRD that speaks Cluster API's contracts: which served version implements which
 * contract, who provides it, and that `clusterctl move` takes its objects along.
 */
export function crdLabels(provider: string): Readonly<Record<string, string>> {
  return {
    [label.provider]: provider,
    "cluster.x-k8s.io/v1beta1": "v1beta1",
    "cluster.x-k8s.io/v1beta2": "v1beta2",
    "clusterctl.cluster.x-k8s.io": "",
  }
}

/**
 * A column of `kubectl get`; one that shows only with `-o wide` has priority 10, as upstream's do.
 */
export function column(
  name: string,
  jsonPath: string,
  options: { type?: PrinterColumn["type"]; wide?: boolean } = {},
): PrinterColumn {
  const { type = "string", wide = false } = options
  return { name, type, jsonPath, ...(wide ? { priority: 10 } : {}) }
}

/** A number as a column. */
export function countColumn(
  name: string,
  jsonPath: string,
  options: { wide?: boolean } = {},
): PrinterColumn {
  return column(name, jsonPath, { type: "integer", ...options })
}

/** The status of one condition as a column. */
export function conditionColumn(
  name: string,
  condition: string,
  options: { wide?: boolean } = {},
): PrinterColumn {
  return column(name, `.status.conditions[?(@.type=="${condition}")].status`, options)
}

export const ageColumn = column("Age", ".metadata.creationTimestamp", { type: "date" })

export const clusterLabelColumn = column(
  "Cluster",
  String.raw`.metadata.labels['cluster\.x-k8s\.io/cluster-name']`,
)

export const pausedColumn = conditionColumn("Paused", "Paused", { wide: true })
