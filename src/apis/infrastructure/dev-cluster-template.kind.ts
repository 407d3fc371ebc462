import { defineKind } from "#meta"
import { s } from "#schema"
import { templateMetadata } from "../cluster/metadata.shape.ts"
import { ageColumn, crdLabels } from "../crd.ts"
import { devClusterSpec } from "./dev-cluster.shape.ts"
import { devClusterTemplateV1beta1 } from "./dev.v1beta1.ts"

const spec = s.object("Desired state of the template.", {
  template: s.object("What DevClusters are made from.", {
    metadata: s.optional(templateMetadata("Labels and annotations of the DevClusters.")),
    spec: devClusterSpec,
  }),
})

/** What DevClusters are made from. */
export const DevClusterTemplateKind = defineKind({
  group: "infrastructure.cluster.x-k8s.io",
  version: "v1beta2",
  kind: "DevClusterTemplate",
  plural: "devclustertemplates",
  categories: ["cluster-api"],
  labels: crdLabels("infrastructure-docker"),
  description: "What DevClusters are made from.",
  spec,
  columns: [ageColumn],
  older: [devClusterTemplateV1beta1(spec)],
})
