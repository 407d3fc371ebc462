import { defineKind, type ObjectOf } from "#meta"
import { s } from "#schema"
import { conditions, legacyConditions } from "../cluster/condition.shape.ts"
import { failureDomainName } from "../cluster/machine-spec.shape.ts"
import { machineAddress } from "../cluster/machine-status.shape.ts"
import { ageColumn, clusterLabelColumn, column, crdLabels, pausedColumn } from "../crd.ts"
import { devMachineSpec } from "./dev-machine.shape.ts"
import { initialization } from "./remote-host.shape.ts"
import { devMachineV1beta1 } from "./dev.v1beta1.ts"
import { deprecated } from "../cluster/status.shape.ts"

const status = s.object("Observed state of the DevMachine.", {
  conditions: s.optional(conditions),
  initialization: s.optional(initialization),
  addresses: s.optional(s.list("Addresses of the machine.", machineAddress)),
  failureDomain: s.optional(failureDomainName),
  deprecated: s.optional(deprecated({ conditions: s.optional(legacyConditions) })),
})

/** A simulated machine. */
export const DevMachineKind = defineKind({
  group: "infrastructure.cluster.x-k8s.io",
  version: "v1beta2",
  kind: "DevMachine",
  plural: "devmachines",
  categories: ["cluster-api"],
  labels: crdLabels("infrastructure-docker"),
  description: "A simulated machine.",
  spec: devMachineSpec,
  status,
  subresources: { status: true },
  columns: [
    clusterLabelColumn,
    column("Provider ID", ".spec.providerID", { wide: true }),
    column("Failure domain", ".status.failureDomain"),
    column("IP", '.status.addresses[?(@.type=="InternalIP")].address', { wide: true }),
    pausedColumn,
    column("Provisioned", ".status.initialization.provisioned"),
    ageColumn,
  ],
  older: [devMachineV1beta1(status)],
})

export type DevMachine = ObjectOf<typeof DevMachineKind>
