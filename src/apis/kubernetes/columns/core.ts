import type { BuiltinColumn } from "../builtin-kind.ts"
import {
  ageColumn,
  column,
  conditionAt,
  formatLabels,
  listAt,
  mapAt,
  nameColumn,
  numberAt,
  textAt,
  textColumn,
  timeSince,
  valueAt,
  wide,
} from "../cell.ts"
import { containerColumns } from "./container.ts"

const rolePrefix = "node-role.kubernetes.io/"

const addressColumn = (name: string, type: string): BuiltinColumn =>
  column(name, (node) => {
    const address = listAt(node, "status.addresses").find((each) => valueAt(each, "type") === type)
    return textAt(address, "address", "<none>")
  })

function nodeStatus(node: unknown): string {
  const ready = conditionAt(node, "status.conditions", "Ready")
  const status = !ready ? "Unknown" : valueAt(ready, "status") === "True" ? "Ready" : "NotReady"
  return valueAt(node, "spec.unschedulable") === true ? `${status},SchedulingDisabled` : status
}

function nodeRoles(labels: Readonly<Record<string, unknown>>): string {
  const roles = Object.entries(labels).flatMap(([key, value]) => {
    if (key.startsWith(rolePrefix)) return [key.slice(rolePrefix.length)]
    return key === "kubernetes.io/role" ? [String(value)] : []
  })
  return [...new Set(roles.filter((role) => role !== ""))].sort().join(",") || "<none>"
}

const firstSeen = (event: unknown, nowMs: number): string =>
  timeSince(textAt(event, "firstTimestamp", textAt(event, "eventTime")), nowMs)

function lastSeen(event: unknown, nowMs: number): string {
  if (valueAt(event, "series")) return timeSince(textAt(event, "series.lastObservedTime"), nowMs)
  const last = textAt(event, "lastTimestamp")
  return last === "" ? firstSeen(event, nowMs) : timeSince(last, nowMs)
}

function eventSource(event: unknown): string {
  const component = textAt(event, "source.component", textAt(event, "reportingComponent"))
  const host = textAt(event, "source.host", textAt(event, "reportingInstance"))
  return host === "" ? component : `${component}, ${host}`
}

const eventColumns: readonly BuiltinColumn[] = [
  column("Last Seen", lastSeen),
  textColumn("Type", "type"),
  textColumn("Reason", "reason"),
  column("Object", (event) => {
    const kind = textAt(event, "involvedObject.kind").toLowerCase()
    const name = textAt(event, "involvedObject.name")
    return name === "" ? kind : `${kind}/${name}`
  }),
  ...wide(textColumn("Subobject", "involvedObject.fieldPath"), column("Source", eventSource)),
  column("Message", (event) => textAt(event, "message").trim()),
  ...wide(
    column("First Seen", firstSeen),
    column("Count", (event) =>
      valueAt(event, "series") ? numberAt(event, "series.count") : numberAt(event, "count") || 1,
    ),
    nameColumn,
  ),
]

/** An event of events.k8s.io in the words of the core group, which tables are made from. */
function coreEventOf(event: unknown): object {
  return {
    ...(event as object),
    involvedObject: valueAt(event, "regarding"),
    message: valueAt(event, "note"),
    source: valueAt(event, "deprecatedSource"),
    firstTimestamp: valueAt(event, "deprecatedFirstTimestamp"),
    lastTimestamp: valueAt(event, "deprecatedLastTimestamp"),
    count: valueAt(event, "deprecatedCount"),
    reportingComponent: valueAt(event, "reportingController"),
  }
}

function quota(object: unknown, isLimit: boolean): string {
  const hard = mapAt(object, "status.hard")
  const used = mapAt(object, "status.used")
  return Object.keys(hard)
    .filter((name) => name.startsWith("limits.") === isLimit)
    .sort()
    .map((name) => `${name}: ${used[name] ?? 0}/${hard[name]}`)
    .join(", ")
}

const dataCount = (object: unknown, ...fields: readonly string[]): number =>
  fields.reduce((sum, field) => sum + Object.keys(mapAt(object, field)).length, 0)

/** Columns of the core group, but for Pods and storage, by kind. */
export const coreColumns: Readonly<Record<string, readonly BuiltinColumn[]>> = {
  "/Namespace": [nameColumn, textColumn("Status", "status.phase"), ageColumn],
  "/ConfigMap": [
    nameColumn,
    column("Data", (object) => dataCount(object, "data", "binaryData")),
    ageColumn,
  ],
  "/Secret": [
    nameColumn,
    textColumn("Type", "type"),
    column("Data", (object) => dataCount(object, "data")),
    ageColumn,
  ],
  "/ServiceAccount": [
    nameColumn,
    column("Secrets", (object) => listAt(object, "secrets").length),
    ageColumn,
  ],
  "/Event": eventColumns,
  "events.k8s.io/Event": eventColumns.map((each) => ({
    ...each,
    cell: (event, nowMs) => each.cell(coreEventOf(event) as typeof event, nowMs),
  })),
  "/Node": [
    nameColumn,
    column("Status", nodeStatus),
    column("Roles", (node) => nodeRoles(node.metadata.labels ?? {})),
    ageColumn,
    textColumn("Version", "status.nodeInfo.kubeletVersion"),
    ...wide(
      addressColumn("Internal-IP", "InternalIP"),
      addressColumn("External-IP", "ExternalIP"),
      textColumn("OS-Image", "status.nodeInfo.osImage", "<unknown>"),
      textColumn("Kernel-Version", "status.nodeInfo.kernelVersion", "<unknown>"),
      textColumn("Container-Runtime", "status.nodeInfo.containerRuntimeVersion", "<unknown>"),
    ),
  ],
  "/PodTemplate": [
    nameColumn,
    ...containerColumns("template.spec.containers"),
    column("Pod Labels", (object) => formatLabels(mapAt(object, "template.metadata.labels"))),
  ],
  "/ResourceQuota": [
    nameColumn,
    column("Request", (object) => quota(object, false)),
    column("Limit", (object) => quota(object, true)),
    ageColumn,
  ],
}
