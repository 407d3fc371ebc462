import type { OlderVersion } from "#meta"
import { s, type Schema } from "#schema"
import { failureMessage, legacyConditions } from "../cluster/condition.shape.ts"
import { conditionRules, failureRules, initialized } from "../cluster/v1beta1.rules.ts"
import { futureConditions } from "../cluster/v1beta1.shape.ts"
import { reshape, without, withoutMinimumSizes } from "../conversion/reshape.ts"
import { type Rule, within } from "../conversion/rule.ts"
import { versionConversion } from "../conversion/version-conversion.ts"
import { ageColumn, clusterLabelColumn } from "../crd.ts"
import { kubeadmConfigSpecRules, kubeadmConfigSpecV1beta1 } from "./kubeadm.v1beta1.ts"
import { kubeadmConfigSpec } from "./kubeadm.shape.ts"

const rules: readonly Rule[] = [
  within("spec", kubeadmConfigSpecRules),
  initialized("ready", "dataSecretCreated"),
  ...conditionRules,
  ...failureRules,
]

/** KubeadmConfig as v1beta1 has it, given the hub's status. */
export function kubeadmConfigV1beta1(status: Schema): OlderVersion {
  return {
    name: "v1beta1",
    deprecated: true,
    description: "Bootstrap configuration of one Machine, for kubeadm.",
    spec: kubeadmConfigSpecV1beta1,
    status: reshape(withoutMinimumSizes(status), [
      ["conditions", legacyConditions],
      [
        "failureReason",
        s.string("Problem that is terminal, as one word.", { minLength: 1, maxLength: 256 }),
      ],
      ["failureMessage", failureMessage],
      ["ready", s.boolean("Whether the bootstrap data is there.")],
      ["v1beta2", futureConditions],
      ["observedGeneration", without("minimum")],
      ["initialization", null],
      ["deprecated", null],
    ]),
    subresources: { status: true },
    columns: [clusterLabelColumn, ageColumn],
    conversion: versionConversion({
      version: "v1beta1",
      rules,
      hub: { spec: kubeadmConfigSpec, status },
    }),
  }
}
