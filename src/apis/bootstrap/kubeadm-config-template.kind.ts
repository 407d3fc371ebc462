import { defineKind } from "#meta"
import { s } from "#schema"
import { templateMetadata } from "../cluster/metadata.shape.ts"
import { ageColumn, column, crdLabels } from "../crd.ts"
import { kubeadmConfigSpec } from "./kubeadm.shape.ts"
import { kubeadmConfigTemplateV1beta1 } from "./kubeadm-config-template.v1beta1.ts"

const spec = s.object("Desired state of the template.", {
  template: s.object(
    "What KubeadmConfigs are made from.",
    {
      metadata: s.optional(templateMetadata("Labels and annotations of the KubeadmConfigs.")),
      spec: s.optional(kubeadmConfigSpec),
    },
    { minProperties: 1 },
  ),
})

/** What KubeadmConfigs are made from. */
export const KubeadmConfigTemplateKind = defineKind({
  group: "bootstrap.cluster.x-k8s.io",
  version: "v1beta2",
  kind: "KubeadmConfigTemplate",
  plural: "kubeadmconfigtemplates",
  categories: ["cluster-api"],
  labels: crdLabels("bootstrap-kubeadm"),
  description: "What KubeadmConfigs are made from.",
  spec,
  columns: [
    column("ClusterClass", '.metadata.ownerReferences[?(@.kind=="ClusterClass")].name'),
    column("Cluster", '.metadata.ownerReferences[?(@.kind=="Cluster")].name'),
    ageColumn,
  ],
  older: [kubeadmConfigTemplateV1beta1(spec)],
})
