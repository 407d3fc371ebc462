import { defineKind, type ObjectOf } from "#meta"
import { s, type TypeOf } from "#schema"
import { conditions, failureMessage, legacyConditions } from "../cluster/condition.shape.ts"
import { ageColumn, clusterLabelColumn, column, crdLabels, pausedColumn } from "../crd.ts"
import { kubeadmConfigSpec } from "./kubeadm.shape.ts"
import { kubeadmConfigV1beta1 } from "./kubeadm-config.v1beta1.ts"
import { deprecated, observedGeneration } from "../cluster/status.shape.ts"

const status = s.object(
  "Observed state of the KubeadmConfig.",
  {
    conditions: s.optional(conditions),
    initialization: s.optional(
      s.object(
        "What has happened once and is never taken back.",
        { dataSecretCreated: s.optional(s.boolean("The bootstrap data was there.")) },
        { minProperties: 1 },
      ),
    ),
    dataSecretName: s.optional(
      s.string("Secret that holds the bootstrap data.", { minLength: 1, maxLength: 253 }),
    ),
    observedGeneration: s.optional(observedGeneration),
    deprecated: s.optional(
      deprecated({
        conditions: s.optional(legacyConditions),
        failureReason: s.optional(
          s.string("Problem that v1beta1 called terminal, as one word.", {
            minLength: 1,
            maxLength: 256,
          }),
        ),
        failureMessage: s.optional(failureMessage),
      }),
    ),
  },
  { minProperties: 1 },
)

/** Bootstrap configuration of one Machine. */
export const KubeadmConfigKind = defineKind({
  group: "bootstrap.cluster.x-k8s.io",
  version: "v1beta2",
  kind: "KubeadmConfig",
  plural: "kubeadmconfigs",
  categories: ["cluster-api"],
  labels: crdLabels("bootstrap-kubeadm"),
  description: "Bootstrap configuration of one Machine, for kubeadm.",
  spec: kubeadmConfigSpec,
  status,
  subresources: { status: true },
  columns: [
    clusterLabelColumn,
    pausedColumn,
    column("Data secret created", ".status.initialization.dataSecretCreated"),
    ageColumn,
  ],
  older: [kubeadmConfigV1beta1(status)],
})

export type KubeadmConfig = ObjectOf<typeof KubeadmConfigKind>
export type KubeadmConfigSpec = TypeOf<typeof kubeadmConfigSpec>
