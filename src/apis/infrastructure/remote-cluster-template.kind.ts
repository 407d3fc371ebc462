import { defineKind } from "#meta"
import { s } from "#schema"
import { templateMetadata } from "../cluster/metadata.shape.ts"
import { crdLabels } from "../crd.ts"
import { remoteClusterSpec } from "./remote-cluster.kind.ts"
import { remoteClusterTemplateV1beta1 } from "./remote-cluster.v1beta1.ts"

const spec = s.object("Desired state of the template.", {
  template: s.object("What RemoteClusters are made from.", {
    metadata: s.optional(templateMetadata("Labels and annotations of the RemoteClusters.")),
    spec: remoteClusterSpec,
  }),
})

/** What RemoteClusters are made from. */
export const RemoteClusterTemplateKind = defineKind({
  group: "infrastructure.cluster.x-k8s.io",
  version: "v1beta2",
  kind: "RemoteClusterTemplate",
  plural: "remoteclustertemplates",
  categories: ["cluster-api"],
  labels: crdLabels("infrastructure-k0smotron"),
  description: "What RemoteClusters are made from.",
  spec,
  older: [remoteClusterTemplateV1beta1(spec)],
})
