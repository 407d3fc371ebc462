import type { OlderVersion } from "#meta"
import type { Schema } from "#schema"
import { reshape, withoutMinimumSizes } from "../conversion/reshape.ts"
import { within } from "../conversion/rule.ts"
import { versionConversion } from "../conversion/version-conversion.ts"
import { ageColumn } from "../crd.ts"
import { kubeadmConfigSpecRules, kubeadmConfigSpecV1beta1 } from "./kubeadm.v1beta1.ts"

/** KubeadmConfigTemplate as v1beta1 has it, given the hub's spec. */
export function kubeadmConfigTemplateV1beta1(spec: Schema): OlderVersion {
  return {
    name: "v1beta1",
    deprecated: true,
    description: "What KubeadmConfigs are made from.",
    spec: reshape(withoutMinimumSizes(spec), [["template.spec", kubeadmConfigSpecV1beta1]]),
    columns: [ageColumn],
    conversion: versionConversion({
      version: "v1beta1",
      rules: [within("spec.template.spec", kubeadmConfigSpecRules)],
      hub: { spec },
    }),
  }
}
