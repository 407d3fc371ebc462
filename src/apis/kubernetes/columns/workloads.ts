import { controllerOf, splitApiVersion } from "#meta"
import type { BuiltinColumn } from "../builtin-kind.ts"
import {
  ageColumn,
  booleanColumn,
  column,
  conditionAt,
  countColumn,
  formatLabels,
  mapAt,
  nameColumn,
  numberAt,
  numberColumn,
  textAt,
  textColumn,
  timeSince,
  valueAt,
  wide,
} from "../cell.ts"
import { humanDuration } from "../human-duration.ts"
import { containerColumns, selectorColumn } from "./container.ts"

const podTemplate = "spec.template.spec.containers"

/** Absent `spec.replicas` means one. */
const desired = (object: unknown): number =>
  valueAt(object, "spec.replicas") === undefined ? 1 : numberAt(object, "spec.replicas")

const readyColumn = column(
  "Ready",
  (object) => `${numberAt(object, "status.readyReplicas")}/${desired(object)}`,
)

const replicaColumns: readonly BuiltinColumn[] = [
  nameColumn,
  { name: "Desired", type: "integer", cell: desired },
  numberColumn("Current", "status.replicas"),
  numberColumn("Ready", "status.readyReplicas"),
  ageColumn,
  ...wide(...containerColumns(podTemplate)),
]

const limitColumn = (name: string, path: string): BuiltinColumn =>
  column(name, (object) => String(valueAt(object, path) ?? "N/A"))

const jobStates = ["Suspended", "FailureTarget", "SuccessCriteriaMet"]

function jobStatus(job: unknown): string {
  const has = (type: string): boolean =>
    valueAt(conditionAt(job, "status.conditions", type), "status") === "True"
  if (has("Complete")) return "Complete"
  if (has("Failed")) return "Failed"
  if (valueAt(job, "metadata.deletionTimestamp")) return "Terminating"
  return jobStates.find(has) ?? "Running"
}

function jobCompletions(job: unknown): string {
  const succeeded = numberAt(job, "status.succeeded")
  const wanted = valueAt(job, "spec.completions")
  if (typeof wanted === "number") return `${succeeded}/${wanted}`
  const parallelism = numberAt(job, "spec.parallelism")
  return parallelism > 1 ? `${succeeded}/1 of ${parallelism}` : `${succeeded}/1`
}

function jobDuration(job: unknown, nowMs: number): string {
  const startMs = Date.parse(textAt(job, "status.startTime"))
  const endMs = Date.parse(textAt(job, "status.completionTime"))
  if (Number.isNaN(startMs)) return ""
  return humanDuration((Number.isNaN(endMs) ? nowMs : endMs) - startMs)
}

/** Columns of what runs Pods, by group and kind. */
export const workloadColumns: Readonly<Record<string, readonly BuiltinColumn[]>> = {
  "/ReplicationController": [
    ...replicaColumns,
    ...wide(column("Selector", (object) => formatLabels(mapAt(object, "spec.selector")))),
  ],
  "apps/ReplicaSet": [...replicaColumns, ...wide(selectorColumn("Selector", "spec.selector"))],
  "apps/Deployment": [
    nameColumn,
    readyColumn,
    column("Up-to-date", (object) => numberAt(object, "status.updatedReplicas")),
    column("Available", (object) => numberAt(object, "status.availableReplicas")),
    ageColumn,
    ...wide(...containerColumns(podTemplate), selectorColumn("Selector", "spec.selector", "")),
  ],
  "apps/StatefulSet": [
    nameColumn,
    readyColumn,
    ageColumn,
    ...wide(...containerColumns(podTemplate)),
  ],
  "apps/DaemonSet": [
    nameColumn,
    numberColumn("Desired", "status.desiredNumberScheduled"),
    numberColumn("Current", "status.currentNumberScheduled"),
    numberColumn("Ready", "status.numberReady"),
    numberColumn("Up-to-date", "status.updatedNumberScheduled"),
    numberColumn("Available", "status.numberAvailable"),
    column("Node Selector", (object) =>
      formatLabels(mapAt(object, "spec.template.spec.nodeSelector")),
    ),
    ageColumn,
    ...wide(...containerColumns(podTemplate), selectorColumn("Selector", "spec.selector")),
  ],
  "apps/ControllerRevision": [
    nameColumn,
    column("Controller", (object) => {
      const owner = controllerOf(object)
      if (!owner) return "<none>"
      const { group } = splitApiVersion(owner.apiVersion)
      const kind = owner.kind.toLowerCase()
      return `${group === "" ? kind : `${kind}.${group}`}/${owner.name}`
    }),
    column("Revision", (object) => numberAt(object, "revision")),
    ageColumn,
  ],
  "batch/Job": [
    nameColumn,
    column("Status", jobStatus),
    column("Completions", jobCompletions),
    column("Duration", jobDuration),
    ageColumn,
    ...wide(...containerColumns(podTemplate), selectorColumn("Selector", "spec.selector")),
  ],
  "batch/CronJob": [
    nameColumn,
    textColumn("Schedule", "spec.schedule"),
    textColumn("Timezone", "spec.timeZone", "<none>"),
    column("Suspend", (object) => (valueAt(object, "spec.suspend") === true ? "True" : "False")),
    countColumn("Active", "status.active"),
    column("Last Schedule", (object, nowMs) => {
      const last = textAt(object, "status.lastScheduleTime")
      return last === "" ? "<none>" : timeSince(last, nowMs)
    }),
    ageColumn,
    ...wide(
      ...containerColumns("spec.jobTemplate.spec.template.spec.containers"),
      selectorColumn("Selector", "spec.jobTemplate.spec.selector"),
    ),
  ],
  "policy/PodDisruptionBudget": [
    nameColumn,
    limitColumn("Min Available", "spec.minAvailable"),
    limitColumn("Max Unavailable", "spec.maxUnavailable"),
    numberColumn("Allowed Disruptions", "status.disruptionsAllowed"),
    ageColumn,
  ],
  "scheduling.k8s.io/PriorityClass": [
    nameColumn,
    numberColumn("Value", "value"),
    booleanColumn("Global-Default", "globalDefault"),
    ageColumn,
    textColumn("PreemptionPolicy", "preemptionPolicy"),
  ],
  "node.k8s.io/RuntimeClass": [nameColumn, textColumn("Handler", "handler"), ageColumn],
}

/** Columns of a Scale, whatever it scales. */
export const scaleColumns: readonly BuiltinColumn[] = [
  nameColumn,
  numberColumn("Desired", "spec.replicas"),
  numberColumn("Available", "status.replicas"),
  ageColumn,
]
