import { defineKind, type ObjectOf } from "#meta"
import { s, type TypeOf } from "#schema"
import { machineSetV1beta1 } from "./machine-set.v1beta1.ts"
import { ageColumn, column, crdLabels, pausedColumn } from "../crd.ts"
import { conditions, failureMessage, failureReason, legacyConditions } from "./condition.shape.ts"
import { clusterName, machineTemplate } from "./machine-spec.shape.ts"
import { labelSelector } from "./metadata.shape.ts"
import {
  deletionOrder,
  machineNaming,
  machineVersions,
  replicaCounters,
  scaleSelector,
} from "./scaling.shape.ts"

const spec = s.object("Desired state of the MachineSet.", {
  clusterName,
  replicas: s.optional(s.int32("How many Machines there should be.")),
  selector: labelSelector("Which Machines belong to the set."),
  template: machineTemplate,
  machineNaming: s.optional(machineNaming),
  deletion: s.optional(
    s.object(
      "How Machines are chosen for deletion.",
      { order: s.optional(deletionOrder) },
      { minProperties: 1 },
    ),
  ),
})

const status = s.object(
  "Observed state of the MachineSet.",
  {
    conditions: s.optional(conditions),
    selector: s.optional(scaleSelector),
    ...replicaCounters,
    versions: s.optional(machineVersions),
    observedGeneration: s.optional(
      s.int64("Generation that the controller has seen.", { minimum: 1 }),
    ),
    deprecated: s.optional(
      s.object("What older versions reported.", {
        v1beta1: s.optional(
          s.object("What v1beta1 reported.", {
            conditions: s.optional(legacyConditions),
            failureReason: s.optional(failureReason),
            failureMessage: s.optional(failureMessage),
            fullyLabeledReplicas: s.optional(s.int32("Machines with the template's labels.")),
            readyReplicas: s.optional(s.int32("Machines whose Node is ready.")),
            availableReplicas: s.optional(s.int32("Machines that were ready for long enough.")),
          }),
        ),
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
  subresources: {
    status: true,
    scale: {
      specReplicasPath: ".spec.replicas",
      statusReplicasPath: ".status.replicas",
      labelSelectorPath: ".status.selector",
    },
  },
  columns: [
    column("Cluster", ".spec.clusterName"),
    column("Desired", ".spec.replicas", { type: "integer" }),
    column("Current", ".status.replicas", { type: "integer" }),
    column("Ready", ".status.readyReplicas", { type: "integer" }),
    column("Available", ".status.availableReplicas", { type: "integer" }),
    column("Up-to-date", ".status.upToDateReplicas", { type: "integer" }),
    pausedColumn,
    ageColumn,
    column("Version", ".spec.template.spec.version"),
  ],
  older: [machineSetV1beta1(spec, status)],
})

export type MachineSet = ObjectOf<typeof MachineSetKind>
export type MachineSetSpec = TypeOf<typeof spec>
export type MachineSetStatus = TypeOf<typeof status>
