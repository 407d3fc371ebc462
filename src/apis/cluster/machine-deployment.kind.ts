import { defineKind, type ObjectOf } from "#meta"
import { s, type TypeOf } from "#schema"
import { machineDeploymentV1beta1 } from "./machine-deployment.v1beta1.ts"
import { ageColumn, column, conditionColumn, countColumn, crdLabels, pausedColumn } from "../crd.ts"
import { conditions, legacyConditions } from "./condition.shape.ts"
import { clusterName, machineTemplate } from "./machine-spec.shape.ts"
import { labelSelector } from "./metadata.shape.ts"
import {
  deletion,
  machineNaming,
  machineVersions,
  maxInFlight,
  replicaCounters,
  rollout,
  scaledSubresources,
  scaleSelector,
} from "./scaling.shape.ts"
import { deprecated, observedGeneration } from "./status.shape.ts"

const spec = s.object("Desired state of the MachineDeployment.", {
  clusterName,
  paused: s.optional(s.boolean("Whether changes of the template wait.")),
  replicas: s.optional(s.int32("How many Machines there should be.")),
  selector: labelSelector("Which Machines belong to the deployment."),
  template: machineTemplate,
  rollout: s.optional(rollout),
  machineNaming: s.optional(machineNaming),
  deletion: s.optional(deletion),
  remediation: s.optional(
    s.object(
      "How unhealthy Machines are replaced.",
      { maxInFlight: s.optional(maxInFlight) },
      { minProperties: 1 },
    ),
  ),
})

const status = s.object(
  "Observed state of the MachineDeployment.",
  {
    conditions: s.optional(conditions),
    selector: s.optional(scaleSelector),
    ...replicaCounters,
    versions: s.optional(machineVersions),
    phase: s.optional(
      s.enum("Summary in one word.", ["ScalingUp", "ScalingDown", "Running", "Failed", "Unknown"]),
    ),
    observedGeneration: s.optional(observedGeneration),
    deprecated: s.optional(
      deprecated({
        conditions: s.optional(legacyConditions),
        updatedReplicas: s.optional(s.int32("Machines that match the template.")),
        readyReplicas: s.optional(s.int32("Machines whose Node is ready.")),
        availableReplicas: s.optional(s.int32("Machines that were ready for long enough.")),
        unavailableReplicas: s.optional(s.int32("Machines missing for full availability.")),
      }),
    ),
  },
  { minProperties: 1 },
)

/** Machines that are replaced step by step when their template changes. */
export const MachineDeploymentKind = defineKind({
  group: "cluster.x-k8s.io",
  version: "v1beta2",
  kind: "MachineDeployment",
  plural: "machinedeployments",
  shortNames: ["md"],
  categories: ["cluster-api"],
  labels: crdLabels("cluster-api"),
  description: "Machines that are replaced step by step when their template changes.",
  spec,
  specRequired: true,
  status,
  subresources: scaledSubresources,
  columns: [
    column("Cluster", ".spec.clusterName"),
    conditionColumn("Available", "Available"),
    countColumn("Desired", ".spec.replicas"),
    countColumn("Current", ".status.replicas"),
    countColumn("Ready", ".status.readyReplicas"),
    countColumn("Available", ".status.availableReplicas"),
    countColumn("Up-to-date", ".status.upToDateReplicas"),
    pausedColumn,
    column("Phase", ".status.phase"),
    ageColumn,
    column("Version", ".spec.template.spec.version"),
  ],
  older: [machineDeploymentV1beta1(spec, status)],
})

export type MachineDeployment = ObjectOf<typeof MachineDeploymentKind>
export type MachineDeploymentStatus = TypeOf<typeof status>
