import { defineKind, type ObjectOf } from "#meta"
import { s } from "#schema"
import { conditions, legacyConditions } from "../cluster/condition.shape.ts"
import { failureDomains } from "../cluster/failure-domain.shape.ts"
import { ageColumn, clusterLabelColumn, crdLabels } from "../crd.ts"
import { devClusterSpec } from "./dev-cluster.shape.ts"
import { initialization } from "./remote-host.shape.ts"
import { devClusterV1beta1 } from "./dev.v1beta1.ts"
import { deprecated } from "../cluster/status.shape.ts"

const status = s.object("Observed state of the DevCluster.", {
  conditions: s.optional(conditions),
  initialization: s.optional(initialization),
  failureDomains: s.optional(failureDomains("Failure domains that there are.")),
  deprecated: s.optional(deprecated({ conditions: s.optional(legacyConditions) })),
})

/** Infrastructure of a simulated cluster. */
export const DevClusterKind = defineKind({
  group: "infrastructure.cluster.x-k8s.io",
  version: "v1beta2",
  kind: "DevCluster",
  plural: "devclusters",
  categories: ["cluster-api"],
  labels: crdLabels("infrastructure-docker"),
  description: "Infrastructure of a simulated cluster.",
  spec: devClusterSpec,
  status,
  subresources: { status: true },
  columns: [clusterLabelColumn, ageColumn],
  older: [devClusterV1beta1(status)],
})

export type DevCluster = ObjectOf<typeof DevClusterKind>
