import { defineKind, type ObjectOf } from "#meta"
import { s } from "#schema"
import { machineSetV1beta1 } from "./machine-set.v1beta1.ts"
import { ageColumn, column, countColumn, crdLabels, pausedColumn } from "../crd.ts"
import { conditions, legacyConditions } from "./condition.shape.ts"
import { clusterName, machineTemplate } from "./machine-spec.shape.ts"
import { labelSelector } from "./metadata.shape.ts"
import {
  deletion,
  machineNaming,
  machineVersions,
  replicaCounters,
  scaledSubresources,
  scaleSelector,
} from "./scaling.shape.ts"
import { deprecated, observedGeneration, terminalFailure } from "./status.shape.ts"

const spec = s.object("Desired state of the MachineSet.", {
  clusterName,
  replicas: s.optional(s.int32("How many Machines there should be.")),
  selector: labelSelector("Which Machines belong to the set."),
  template: machineTemplate,
  machineNaming: s.optional(machineNaming),
  deletion: s.optional(deletion),
})

const status = s.object(
  "Observed state of the MachineSet.",
  {
    conditions: s.optional(conditions),
    selector: s.optional(scaleSelector),
    ...replicaCounters,
    versions: s.optional(machineVersions),
    observedGeneration: s.optional(observedGeneration),
    deprecated: s.optional(
      deprecated({
        conditions: s.optional(legacyConditions),
        ...terminalFailure,
        fullyLabeledReplicas: s.optional(s.int32("Machines with the template's labels.")),
        readyReplicas: s.optional(s.int32("Machines whose Node is ready.")),
        availableReplicas: s.optional(s.int32("Machines that were ready for long enough.")),
      }),
    ),
  },
  { minProperties: 1 },
)

/** A number of Machines made from one template. */
export const MachineSetKind = defineKind({
  group: "cluster.x-k8s.io",
  version: "v1beta2",
  kind: "MachineSet",
  plural: "machinesets",
  shortNames: ["ms"],
  categories: ["cluster-api"],
  labels: crdLabels("cluster-api"),
  description: "A number of Machines made from one template.",
  spec,
  specRequired: true,
  status,
  subresources: scaledSubresources,
  columns: [
    column("Cluster", ".spec.clusterName"),
    countColumn("Desired", ".spec.replicas"),
    countColumn("Current", ".status.replicas"),
    countColumn("Ready", ".status.readyReplicas"),
    countColumn("Available", ".status.availableReplicas"),
    countColumn("Up-to-date", ".status.upToDateReplicas"),
    pausedColumn,
    ageColumn,
    column("Version", ".spec.template.spec.version"),
  ],
  older: [machineSetV1beta1(spec, status)],
})

export type MachineSet = ObjectOf<typeof MachineSetKind>
