import { defineKind, type ObjectOf } from "#meta"
import { s, type TypeOf } from "#schema"
import { clusterV1beta1 } from "./cluster.v1beta1.ts"
import { ageColumn, column, conditionColumn, countColumn, crdLabels, pausedColumn } from "../crd.ts"
import { conditions, legacyConditions } from "./condition.shape.ts"
import { controlPlaneEndpoint } from "./endpoint.shape.ts"
import { failureDomains } from "./failure-domain.shape.ts"
import { conditionGates } from "./gate.shape.ts"
import { contractRef } from "./reference.shape.ts"
import { replicaCounters, summaryVersions } from "./scaling.shape.ts"
import { kubernetesVersion } from "./machine-spec.shape.ts"
import { topology } from "./topology.shape.ts"
import { deprecated, observedGeneration, terminalFailure } from "./status.shape.ts"

function cidrBlocks(description: string) {
  return s.object(description, {
    cidrBlocks: s.list(
      "Address ranges in CIDR notation.",
      s.string("One range.", { minLength: 1, maxLength: 43 }),
      { minItems: 1, maxItems: 100 },
    ),
  })
}

const clusterNetwork = s.object(
  "Addresses inside the cluster.",
  {
    apiServerPort: s.optional(
      s.int32("Port that API servers bind to.", { minimum: 1, maximum: 65535 }),
    ),
    pods: s.optional(cidrBlocks("Ranges that Pods get addresses from.")),
    services: s.optional(cidrBlocks("Ranges that Services get addresses from.")),
    serviceDomain: s.optional(
      s.string("DNS domain of Services.", { minLength: 1, maxLength: 253 }),
    ),
  },
  { minProperties: 1 },
)

const spec = s.object(
  "Desired state of the Cluster.",
  {
    paused: s.optional(s.boolean("Whether controllers leave the cluster's objects alone.")),
    clusterNetwork: s.optional(clusterNetwork),
    controlPlaneEndpoint: s.optional(controlPlaneEndpoint),
    controlPlaneRef: s.optional(contractRef("Object that stands for the control plane.")),
    infrastructureRef: s.optional(contractRef("Object that stands for the infrastructure.")),
    topology: s.optional(topology),
    availabilityGates: s.optional(conditionGates("Further conditions that Available takes in.")),
  },
  { minProperties: 1 },
)

function machineSummary(description: string) {
  return s.object(description, {
    desiredReplicas: s.optional(s.int32("Machines that there should be.")),
    ...replicaCounters,
    versions: s.optional(summaryVersions),
    upgradePlan: s.optional(
      s.list(
        "Versions still to be passed through, in order.",
        s.object("One step.", { version: kubernetesVersion }),
        { minItems: 1, maxItems: 32 },
      ),
    ),
  })
}

const status = s.object(
  "Observed state of the Cluster.",
  {
    conditions: s.optional(conditions),
    initialization: s.optional(
      s.object(
        "What has happened once and is never taken back.",
        {
          infrastructureProvisioned: s.optional(s.boolean("The infrastructure was there.")),
          controlPlaneInitialized: s.optional(s.boolean("The API server has answered.")),
        },
        { minProperties: 1 },
      ),
    ),
    controlPlane: s.optional(machineSummary("Summary of the control plane's Machines.")),
    workers: s.optional(machineSummary("Summary of the workers' Machines.")),
    failureDomains: s.optional(failureDomains("Failure domains that the infrastructure has.")),
    phase: s.optional(
      s.enum("Summary in one word.", [
        "Pending",
        "Provisioning",
        "Provisioned",
        "Deleting",
        "Failed",
        "Unknown",
      ]),
    ),
    observedGeneration: s.optional(observedGeneration),
    deprecated: s.optional(
      deprecated({
        conditions: s.optional(legacyConditions),
        ...terminalFailure,
      }),
    ),
  },
  { minProperties: 1 },
)

/** A workload cluster: its network, its endpoint and the objects that provide it. */
export const ClusterKind = defineKind({
  group: "cluster.x-k8s.io",
  version: "v1beta2",
  kind: "Cluster",
  plural: "clusters",
  shortNames: ["cl"],
  categories: ["cluster-api"],
  labels: crdLabels("cluster-api"),
  description: "A workload cluster.",
  spec,
  specRequired: true,
  status,
  subresources: { status: true },
  columns: [
    column("ClusterClass", ".spec.topology.classRef.name"),
    conditionColumn("Available", "Available"),
    countColumn("CP Desired", ".status.controlPlane.desiredReplicas"),
    countColumn("CP Current", ".status.controlPlane.replicas", { wide: true }),
    countColumn("CP Ready", ".status.controlPlane.readyReplicas", { wide: true }),
    countColumn("CP Available", ".status.controlPlane.availableReplicas"),
    countColumn("CP Up-to-date", ".status.controlPlane.upToDateReplicas"),
    countColumn("W Desired", ".status.workers.desiredReplicas"),
    countColumn("W Current", ".status.workers.replicas", { wide: true }),
    countColumn("W Ready", ".status.workers.readyReplicas", { wide: true }),
    countColumn("W Available", ".status.workers.availableReplicas"),
    countColumn("W Up-to-date", ".status.workers.upToDateReplicas"),
    pausedColumn,
    column("Phase", ".status.phase"),
    ageColumn,
    column("Version", ".spec.topology.version"),
  ],
  older: [clusterV1beta1(spec, status)],
})

export type Cluster = ObjectOf<typeof ClusterKind>
export type ClusterStatus = TypeOf<typeof status>
