import { defineKind, type ObjectOf } from "#meta"
import { s, type TypeOf } from "#schema"
import { machineV1beta1 } from "./machine.v1beta1.ts"
import { ageColumn, column, conditionColumn, crdLabels, pausedColumn } from "../crd.ts"
import { conditions, legacyConditions } from "./condition.shape.ts"
import { failureDomainName, machineSpec } from "./machine-spec.shape.ts"
import { machineAddress, nodeInfo } from "./machine-status.shape.ts"
import { objectName } from "./reference.shape.ts"
import { deprecated, observedGeneration, terminalFailure } from "./status.shape.ts"

const status = s.object(
  "Observed state of the Machine.",
  {
    conditions: s.optional(conditions),
    initialization: s.optional(
      s.object(
        "What has happened once and is never taken back.",
        {
          bootstrapDataSecretCreated: s.optional(s.boolean("The bootstrap data was there.")),
          infrastructureProvisioned: s.optional(s.boolean("The infrastructure was there.")),
        },
        { minProperties: 1 },
      ),
    ),
    nodeRef: s.optional(s.object("The machine's Node.", { name: objectName })),
    nodeInfo: s.optional(nodeInfo),
    addresses: s.optional(s.list("Addresses of the machine.", machineAddress, { maxItems: 256 })),
    failureDomain: s.optional(failureDomainName),
    phase: s.optional(
      s.enum("Summary in one word.", [
        "Pending",
        "Provisioning",
        "Provisioned",
        "Running",
        "Updating",
        "Deleting",
        "Deleted",
        "Failed",
        "Unknown",
      ]),
    ),
    certificatesExpiryDate: s.optional(
      s.time("When the first of the machine's control plane certificates expires."),
    ),
    lastUpdated: s.optional(s.time("When the phase last changed.")),
    deletion: s.optional(
      s.object("How far the deletion is.", {
        nodeDrainStartTime: s.optional(s.time("When draining began.")),
        waitForNodeVolumeDetachStartTime: s.optional(s.time("When waiting for volumes began.")),
        waitForPreDrainHookStartTime: s.optional(s.time("When waiting for pre-drain hooks began.")),
        waitForPreTerminateHookStartTime: s.optional(
          s.time("When waiting for pre-terminate hooks began."),
        ),
      }),
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

/** One node of a cluster, from request to deletion. */
export const MachineKind = defineKind({
  group: "cluster.x-k8s.io",
  version: "v1beta2",
  kind: "Machine",
  plural: "machines",
  shortNames: ["ma"],
  categories: ["cluster-api"],
  labels: crdLabels("cluster-api"),
  description: "One node of a cluster, from request to deletion.",
  spec: machineSpec,
  specRequired: true,
  status,
  subresources: { status: true },
  columns: [
    column("Cluster", ".spec.clusterName"),
    column("Node Name", ".status.nodeRef.name"),
    column("Provider ID", ".spec.providerID", { wide: true }),
    column("Failure domain", ".status.failureDomain"),
    conditionColumn("Ready", "Ready"),
    conditionColumn("Available", "Available"),
    conditionColumn("Up-to-date", "UpToDate"),
    column("Internal-IP", '.status.addresses[?(@.type=="InternalIP")].address', { wide: true }),
    column("External-IP", '.status.addresses[?(@.type=="ExternalIP")].address', { wide: true }),
    column("OS-Image", ".status.nodeInfo.osImage", { wide: true }),
    pausedColumn,
    column("Phase", ".status.phase"),
    ageColumn,
    column("Version", ".spec.version"),
  ],
  older: [machineV1beta1(status)],
})

export type Machine = ObjectOf<typeof MachineKind>
export type MachineStatus = TypeOf<typeof status>
