import { defineKind } from "#meta"
import { s } from "#schema"
import { crdLabels } from "../crd.ts"
import { artifacts, provisionJob } from "./remote-host.shape.ts"
import { remoteMachineTemplateV1beta1 } from "./remote-machine.v1beta1.ts"

const metadata = s.object("Metadata of the RemoteMachines.", {
  labels: s.optional(s.map("Labels to set.", s.string("Label value."))),
  annotations: s.optional(s.map("Annotations to set.", s.string("Annotation value."))),
  finalizers: s.optional(s.list("Accepted and not used.", s.string("Name of a finalizer."))),
  name: s.optional(s.string("Accepted and not used.")),
  namespace: s.optional(s.string("Accepted and not used.")),
})

const spec = s.object("Desired state of the template.", {
  template: s.object("What RemoteMachines are made from.", {
    metadata: s.optional(metadata),
    spec: s.optional(
      s.object("Desired state of the RemoteMachines.", {
        pool: s.string("Pool that the hosts come from."),
        artifacts,
        provisionJob: s.optional(provisionJob),
      }),
    ),
  }),
})

/** What RemoteMachines are made from. */
export const RemoteMachineTemplateKind = defineKind({
  group: "infrastructure.cluster.x-k8s.io",
  version: "v1beta2",
  kind: "RemoteMachineTemplate",
  plural: "remotemachinetemplates",
  labels: crdLabels("infrastructure-k0smotron"),
  description: "What RemoteMachines are made from.",
  spec,
  subresources: { status: true },
  older: [remoteMachineTemplateV1beta1(spec)],
})
