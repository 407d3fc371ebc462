import { defineKind, type ObjectOf } from "#meta"
import { s } from "#schema"
import { mergedConditions } from "../cluster/condition.shape.ts"
import { controlPlaneEndpoint } from "../cluster/endpoint.shape.ts"
import { crdLabels } from "../crd.ts"
import { initialization } from "./remote-host.shape.ts"
import { remoteClusterV1beta1 } from "./remote-cluster.v1beta1.ts"

export const remoteClusterSpec = s.object("Desired state of the RemoteCluster.", {
  controlPlaneEndpoint: s.optional(controlPlaneEndpoint),
})

const status = s.object("Observed state of the RemoteCluster.", {
  initialization: s.optional(initialization),
  conditions: s.optional(mergedConditions),
})

/** Infrastructure of a cluster whose machines exist already. */
export const RemoteClusterKind = defineKind({
  group: "infrastructure.cluster.x-k8s.io",
  version: "v1beta2",
  kind: "RemoteCluster",
  plural: "remoteclusters",
  labels: crdLabels("infrastructure-k0smotron"),
  description: "Infrastructure of a cluster whose machines exist already.",
  spec: remoteClusterSpec,
  status,
  subresources: { status: true },
  older: [remoteClusterV1beta1(remoteClusterSpec, status)],
})

export type RemoteCluster = ObjectOf<typeof RemoteClusterKind>
