import type { OlderVersion } from "#meta"
import { s, type Schema } from "#schema"
import { reshape, without, withoutMinimumSizes } from "../conversion/reshape.ts"
import { move, type Rule } from "../conversion/rule.ts"
import { versionConversion } from "../conversion/version-conversion.ts"
import { ageColumn, column, countColumn } from "../crd.ts"
import { failureMessage, failureReason, legacyConditions } from "./condition.shape.ts"
import { machineTemplateRules, machineTemplateV1beta1 } from "./machine.v1beta1.ts"
import {
  deletionOrder,
  machineNaming,
  machineVersions,
  scaledSubresources,
} from "./scaling.shape.ts"
import { conditionRules, failureRules, replicaRules } from "./v1beta1.rules.ts"
import { futureReplicas } from "./v1beta1.shape.ts"

const rules: readonly Rule[] = [
  ...machineTemplateRules(),
  move("spec.deletePolicy", "spec.deletion.order"),
  move("spec.machineNamingStrategy", "spec.machineNaming"),
  move("status.fullyLabeledReplicas", "status.deprecated.v1beta1.fullyLabeledReplicas"),
  move("status.v1beta2.upToDateReplicas", "status.upToDateReplicas"),
  ...replicaRules,
  ...conditionRules,
  ...failureRules,
]

/** MachineSet as v1beta1 has it, given the hub's spec and status. */
export function machineSetV1beta1(spec: Schema, status: Schema): OlderVersion {
  return {
    name: "v1beta1",
    deprecated: true,
    description: "A number of Machines made from one template.",
    spec: reshape(withoutMinimumSizes(spec), [
      ["template?", machineTemplateV1beta1],
      ["deletePolicy", deletionOrder],
      ["machineNamingStrategy", withoutMinimumSizes(machineNaming)],
      ["minReadySeconds", s.int32("Seconds that a Machine must be ready to be available.")],
      ["deletion", null],
      ["machineNaming", null],
    ]),
    status: reshape(withoutMinimumSizes(status), [
      ["conditions", legacyConditions],
      ["failureReason", failureReason],
      ["failureMessage", failureMessage],
      ["fullyLabeledReplicas", s.int32("Machines with the template's labels.")],
      ["versions", machineVersions],
      ["v1beta2", futureReplicas],
      ["observedGeneration", without("minimum")],
      ["upToDateReplicas", null],
      ["deprecated", null],
    ]),
    subresources: scaledSubresources,
    columns: [
      column("Cluster", ".spec.clusterName"),
      countColumn("Desired", ".spec.replicas", { wide: true }),
      countColumn("Replicas", ".status.replicas"),
      countColumn("Ready", ".status.readyReplicas"),
      countColumn("Available", ".status.availableReplicas"),
      ageColumn,
      column("Version", ".spec.template.spec.version"),
    ],
    conversion: versionConversion({ version: "v1beta1", rules, hub: { spec, status } }),
  }
}
