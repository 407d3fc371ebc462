import type { OlderVersion } from "#meta"
import type { Schema } from "#schema"
import { nodeReference, zeroMeansUnset } from "../conversion/codec.ts"
import { reshape, type SchemaEdit, without, withoutMinimumSizes } from "../conversion/reshape.ts"
import { hubOnly, move, recode, type Rule, within } from "../conversion/rule.ts"
import { versionConversion } from "../conversion/version-conversion.ts"
import { ageColumn, column } from "../crd.ts"
import { failureMessage, failureReason, legacyConditions } from "./condition.shape.ts"
import { machineSpec, machineTaints, machineTemplate } from "./machine-spec.shape.ts"
import { conditionRules, failureRules, initialized, machineSpecRules } from "./v1beta1.rules.ts"
import { deletionTimeoutSchemas, futureConditions, objectReference } from "./v1beta1.shape.ts"
import { s } from "#schema"

const machineSpecEdits: readonly SchemaEdit[] = [
  ["bootstrap.configRef", objectReference],
  ["infrastructureRef", objectReference],
  ["taints", machineTaints],
  ["minReadySeconds", null],
  ["deletion", null],
  ...Object.entries(deletionTimeoutSchemas),
]

const spec = reshape(withoutMinimumSizes(machineSpec), machineSpecEdits)

/** A Machine template of a MachineSet or MachineDeployment; its spec may be missing. */
export const machineTemplateV1beta1: Schema = without("required")(
  reshape(withoutMinimumSizes(machineTemplate), [["spec", spec]]),
)

const phases = [
  "Pending",
  "Provisioning",
  "Provisioned",
  "Running",
  "Deleting",
  "Deleted",
  "Failed",
]

const statusEdits: readonly SchemaEdit[] = [
  ["conditions", legacyConditions],
  ["failureReason", failureReason],
  ["failureMessage", failureMessage],
  ["bootstrapReady", s.boolean("Whether the bootstrap data is there.")],
  ["infrastructureReady", s.boolean("Whether the infrastructure is there.")],
  ["v1beta2", futureConditions],
  ["nodeRef", objectReference],
  ["addresses", without("maxItems")],
  ["observedGeneration", without("minimum")],
  ["phase", s.enum("Summary in one word.", [...phases, "Unknown"])],
  ["failureDomain", null],
  ["initialization", null],
  ["deprecated", null],
]

/** There is no Updating in v1beta1: such a Machine runs. */
const phase = {
  toHub: (value: unknown) => value,
  fromHub: (value: unknown) => (value === "Updating" ? "Running" : value),
}

const rules: readonly Rule[] = [
  within("spec", machineSpecRules),
  hubOnly("spec.minReadySeconds"),
  initialized("bootstrapReady", "bootstrapDataSecretCreated"),
  initialized("infrastructureReady", "infrastructureProvisioned"),
  recode("status.nodeRef", nodeReference),
  recode("status.phase", phase),
  hubOnly("status.failureDomain"),
  ...conditionRules,
  ...failureRules,
]

/** Machine as v1beta1 has it, given the hub's status. */
export function machineV1beta1(status: Schema): OlderVersion {
  return {
    name: "v1beta1",
    deprecated: true,
    description: "One node of a cluster, from request to deletion.",
    spec,
    status: reshape(withoutMinimumSizes(status), statusEdits),
    subresources: { status: true },
    columns: [
      column("Cluster", ".spec.clusterName"),
      column("NodeName", ".status.nodeRef.name"),
      column("ProviderID", ".spec.providerID"),
      column("Phase", ".status.phase"),
      ageColumn,
      column("Version", ".spec.version"),
    ],
    conversion: versionConversion({
      version: "v1beta1",
      rules,
      hub: { spec: machineSpec, status },
    }),
  }
}

/** What a Machine template's owner adds to its own rules. */
export function machineTemplateRules(): readonly Rule[] {
  return [
    within("spec.template.spec", machineSpecRules),
    move("spec.minReadySeconds", "spec.template.spec.minReadySeconds", zeroMeansUnset),
  ]
}
