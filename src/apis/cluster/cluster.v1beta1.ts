import type { OlderVersion } from "#meta"
import { s, type Schema } from "#schema"
import { contractReference, failureDomainList, zeroMeansUnset } from "../conversion/codec.ts"
import { reshape, without, withoutMinimumSizes } from "../conversion/reshape.ts"
import { move, recode, type Rule, within } from "../conversion/rule.ts"
import { versionConversion } from "../conversion/version-conversion.ts"
import { ageColumn, column } from "../crd.ts"
import { conditions, failureMessage, failureReason, legacyConditions } from "./condition.shape.ts"
import { topologyRules, topologyV1beta1 } from "./topology.v1beta1.ts"
import { conditionRules, failureRules, initialized } from "./v1beta1.rules.ts"
import { failureDomainMap, objectReference } from "./v1beta1.shape.ts"

const rules: readonly Rule[] = [
  recode("spec.paused", zeroMeansUnset),
  recode("spec.controlPlaneRef", contractReference),
  recode("spec.infrastructureRef", contractReference),
  within("spec.topology", topologyRules),
  initialized("controlPlaneReady", "controlPlaneInitialized"),
  initialized("infrastructureReady", "infrastructureProvisioned"),
  recode("status.failureDomains", failureDomainList),
  move("status.v1beta2.controlPlane", "status.controlPlane"),
  move("status.v1beta2.workers", "status.workers"),
  ...conditionRules,
  ...failureRules,
]

function part(schema: Schema, name: string): Schema {
  return schema.properties?.[name] ?? {}
}

function statusSchema(status: Schema): Schema {
  return reshape(withoutMinimumSizes(status), [
    ["conditions", legacyConditions],
    ["failureReason", failureReason],
    ["failureMessage", failureMessage],
    ["controlPlaneReady", s.boolean("Whether the API server has answered.")],
    ["infrastructureReady", s.boolean("Whether the infrastructure is there.")],
    ["failureDomains", failureDomainMap],
    [
      "v1beta2",
      s.object("What v1beta2 reports.", {
        conditions: s.optional(conditions),
        controlPlane: s.optional(s.typed(part(status, "controlPlane"))),
        workers: s.optional(s.typed(part(status, "workers"))),
      }),
    ],
    ["observedGeneration", without("minimum")],
    ["initialization", null],
    ["controlPlane", null],
    ["workers", null],
    ["deprecated", null],
  ])
}

/** Cluster as v1beta1 has it, given the hub's spec and status. */
export function clusterV1beta1(spec: Schema, status: Schema): OlderVersion {
  return {
    name: "v1beta1",
    deprecated: true,
    description: "A workload cluster.",
    spec: reshape(withoutMinimumSizes(spec), [
      ["controlPlaneRef", objectReference],
      ["infrastructureRef", objectReference],
      ["topology", topologyV1beta1],
      ["clusterNetwork.apiServerPort", without("minimum", "maximum")],
      ["controlPlaneEndpoint.host", without("minLength")],
      ["controlPlaneEndpoint.port", without("minimum", "maximum")],
    ]),
    status: statusSchema(status),
    subresources: { status: true },
    columns: [
      column("ClusterClass", ".spec.topology.class"),
      column("Phase", ".status.phase"),
      ageColumn,
      column("Version", ".spec.topology.version"),
    ],
    conversion: versionConversion({
      version: "v1beta1",
      rules,
      hub: { spec, status, specRequired: true },
    }),
  }
}
