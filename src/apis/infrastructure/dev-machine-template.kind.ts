import { defineKind } from "#meta"
import { s } from "#schema"
import { quantityPattern } from "../bootstrap/component.shape.ts"
import { templateMetadata } from "../cluster/metadata.shape.ts"
import { ageColumn, crdLabels } from "../crd.ts"
import { devMachineSpec } from "./dev-machine.shape.ts"
import { devMachineTemplateV1beta1 } from "./dev.v1beta1.ts"

const spec = s.object("Desired state of the template.", {
  template: s.object("What DevMachines are made from.", {
    metadata: s.optional(templateMetadata("Labels and annotations of the DevMachines.")),
    spec: devMachineSpec,
  }),
})

const status = s.object("Observed state of the template.", {
  capacity: s.optional(
    s.map(
      "Resources of one machine, for an autoscaler that scales from zero.",
      s.intOrString("Quantity.", { pattern: quantityPattern }),
    ),
  ),
})

/** What DevMachines are made from. */
export const DevMachineTemplateKind = defineKind({
  group: "infrastructure.cluster.x-k8s.io",
  version: "v1beta2",
  kind: "DevMachineTemplate",
  plural: "devmachinetemplates",
  categories: ["cluster-api"],
  labels: crdLabels("infrastructure-docker"),
  description: "What DevMachines are made from.",
  spec,
  status,
  subresources: { status: true },
  columns: [ageColumn],
  older: [devMachineTemplateV1beta1(spec, status)],
})
