import type { OlderVersion } from "#meta"
import { s, type Schema } from "#schema"
import { legacyConditions } from "../cluster/condition.shape.ts"
import { conditionRules, initialized } from "../cluster/v1beta1.rules.ts"
import { failureDomainMap, futureConditions } from "../cluster/v1beta1.shape.ts"
import { failureDomainList } from "../conversion/codec.ts"
import { reshape, type SchemaEdit, without, withoutMinimumSizes } from "../conversion/reshape.ts"
import { hubOnly, recode, type Rule, within } from "../conversion/rule.ts"
import { versionConversion } from "../conversion/version-conversion.ts"
import { ageColumn, clusterLabelColumn, column } from "../crd.ts"
import { devClusterSpec } from "./dev-cluster.shape.ts"
import { devMachineSpec } from "./dev-machine.shape.ts"

const clusterSpec = reshape(withoutMinimumSizes(devClusterSpec), [
  ["controlPlaneEndpoint.host", without("minLength", "maxLength")],
  ["controlPlaneEndpoint.port", without("minimum", "maximum", "format")],
  ["backend.docker.failureDomains", failureDomainMap],
])

const machineSpec = reshape(withoutMinimumSizes(devMachineSpec), [
  ["providerID", without("minLength", "maxLength")],
])

const statusEdits: readonly SchemaEdit[] = [
  ["conditions", legacyConditions],
  ["ready", s.boolean("Whether the infrastructure is there.")],
  ["v1beta2", futureConditions],
  ["initialization", null],
  ["deprecated", null],
]

const clusterSpecRules: readonly Rule[] = [
  recode("backend.docker.failureDomains", failureDomainList),
]

/** DevCluster as v1beta1 has it, given the hub's status. */
export function devClusterV1beta1(status: Schema): OlderVersion {
  return {
    name: "v1beta1",
    deprecated: true,
    description: "Infrastructure of a simulated cluster.",
    spec: clusterSpec,
    status: reshape(withoutMinimumSizes(status), [
      ...statusEdits,
      ["failureDomains", failureDomainMap],
    ]),
    subresources: { status: true },
    columns: [clusterLabelColumn, ageColumn],
    conversion: versionConversion({
      version: "v1beta1",
      rules: [
        within("spec", clusterSpecRules),
        recode("status.failureDomains", failureDomainList),
        initialized("ready", "provisioned"),
        ...conditionRules,
      ],
      hub: { spec: devClusterSpec, status },
    }),
  }
}

/** DevClusterTemplate as v1beta1 has it, given the hub's spec. */
export function devClusterTemplateV1beta1(spec: Schema): OlderVersion {
  return {
    name: "v1beta1",
    deprecated: true,
    description: "What DevClusters are made from.",
    spec: reshape(withoutMinimumSizes(spec), [["template.spec", clusterSpec]]),
    columns: [ageColumn],
    conversion: versionConversion({
      version: "v1beta1",
      rules: [within("spec.template.spec", clusterSpecRules)],
      hub: { spec },
    }),
  }
}

/** DevMachine as v1beta1 has it, given the hub's status. */
export function devMachineV1beta1(status: Schema): OlderVersion {
  return {
    name: "v1beta1",
    deprecated: true,
    description: "A simulated machine.",
    spec: machineSpec,
    status: reshape(withoutMinimumSizes(status), [...statusEdits, ["failureDomain", null]]),
    subresources: { status: true },
    columns: [
      clusterLabelColumn,
      column("Machine", '.metadata.ownerReferences[?(@.kind=="Machine")].name'),
      column("ProviderID", ".spec.providerID"),
      column("Ready", ".status.ready"),
      ageColumn,
    ],
    conversion: versionConversion({
      version: "v1beta1",
      rules: [
        initialized("ready", "provisioned"),
        hubOnly("status.failureDomain"),
        ...conditionRules,
      ],
      hub: { spec: devMachineSpec, status },
    }),
  }
}

/** DevMachineTemplate as v1beta1 has it, given the hub's spec: without a status. */
export function devMachineTemplateV1beta1(spec: Schema, status: Schema): OlderVersion {
  return {
    name: "v1beta1",
    deprecated: true,
    description: "What DevMachines are made from.",
    spec: reshape(withoutMinimumSizes(spec), [["template.spec", machineSpec]]),
    columns: [ageColumn],
    conversion: versionConversion({
      version: "v1beta1",
      rules: [hubOnly("status")],
      hub: { spec, status },
    }),
  }
}
