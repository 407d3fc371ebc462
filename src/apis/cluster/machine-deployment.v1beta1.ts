import type { OlderVersion } from "#meta"
import { s, type Schema } from "#schema"
import { reshape, without, withoutMinimumSizes } from "../conversion/reshape.ts"
import { move, oldOnly, recode, type Rule, within } from "../conversion/rule.ts"
import { zeroMeansUnset } from "../conversion/codec.ts"
import { versionConversion } from "../conversion/version-conversion.ts"
import { ageColumn, column, countColumn } from "../crd.ts"
import { legacyConditions } from "./condition.shape.ts"
import { machineTemplateRules, machineTemplateV1beta1 } from "./machine.v1beta1.ts"
import {
  machineNaming,
  machineVersions,
  rolloutAfter,
  scaledSubresources,
} from "./scaling.shape.ts"
import { conditionRules, replicaRules, strategyRules } from "./v1beta1.rules.ts"
import { futureReplicas, strategy } from "./v1beta1.shape.ts"

const rules: readonly Rule[] = [
  ...machineTemplateRules(),
  recode("spec.paused", zeroMeansUnset),
  within("spec", [
    ...strategyRules("remediation.maxInFlight"),
    move("rolloutAfter", "rollout.after"),
    move("machineNamingStrategy", "machineNaming"),
  ]),
  oldOnly("spec.progressDeadlineSeconds"),
  oldOnly("spec.revisionHistoryLimit"),
  move("status.updatedReplicas", "status.deprecated.v1beta1.updatedReplicas"),
  move("status.unavailableReplicas", "status.deprecated.v1beta1.unavailableReplicas"),
  move("status.v1beta2.upToDateReplicas", "status.upToDateReplicas"),
  ...replicaRules,
  ...conditionRules,
]

/** MachineDeployment as v1beta1 has it, given the hub's spec and status. */
export function machineDeploymentV1beta1(spec: Schema, status: Schema): OlderVersion {
  return {
    name: "v1beta1",
    deprecated: true,
    description: "Machines that are replaced step by step when their template changes.",
    spec: reshape(withoutMinimumSizes(spec), [
      ["template", machineTemplateV1beta1],
      ["strategy", strategy],
      ["rolloutAfter", rolloutAfter],
      ["machineNamingStrategy", withoutMinimumSizes(machineNaming)],
      ["minReadySeconds", s.int32("Seconds that a Machine must be ready to be available.")],
      ["progressDeadlineSeconds", s.int32("Accepted and not used.")],
      ["revisionHistoryLimit", s.int32("Accepted and not used.")],
      ["rollout", null],
      ["deletion", null],
      ["machineNaming", null],
      ["remediation", null],
    ]),
    status: reshape(withoutMinimumSizes(status), [
      ["conditions", legacyConditions],
      ["updatedReplicas", s.int32("Machines that match the template.")],
      ["unavailableReplicas", s.int32("Machines missing for full availability.")],
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
      countColumn("Updated", ".status.updatedReplicas"),
      countColumn("Unavailable", ".status.unavailableReplicas"),
      column("Phase", ".status.phase"),
      ageColumn,
      column("Version", ".spec.template.spec.version"),
    ],
    conversion: versionConversion({ version: "v1beta1", rules, hub: { spec, status } }),
  }
}
