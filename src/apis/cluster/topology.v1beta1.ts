import { s, type Schema } from "#schema"
import { reshape, type SchemaEdit, without, withoutMinimumSizes } from "../conversion/reshape.ts"
import { move, oldOnly, type Rule, within } from "../conversion/rule.ts"
import { machineTaints } from "./machine-spec.shape.ts"
import { rolloutAfter } from "./scaling.shape.ts"
import { topology } from "./topology.shape.ts"
import { deletionTimeoutRules, healthCheckRules, strategyRules } from "./v1beta1.rules.ts"
import { deletionTimeoutSchemas, machineHealthCheck, strategy } from "./v1beta1.shape.ts"

const definitionFrom = s.string("Accepted and not used.", { maxLength: 256 })

const rolloutAfterOnly = s.object(
  "When Machines are replaced.",
  { after: s.optional(rolloutAfter) },
  { minProperties: 1 },
)

/** What differs in everything that a topology makes Machines of. */
function machineEdits(prefix: string): readonly SchemaEdit[] {
  return [
    [`${prefix}.taints`, machineTaints],
    [`${prefix}.deletion`, null],
    ...Object.entries(deletionTimeoutSchemas).map(([name, schema]): SchemaEdit => [
      `${prefix}.${name}`,
      schema,
    ]),
    [`${prefix}.variables.overrides.[].definitionFrom`, definitionFrom],
  ]
}

const namespaceName = topology.properties?.["classRef"]?.properties?.["namespace"] ?? {}
const deployments = "workers.machineDeployments.[]"
const pools = "workers.machinePools.[]"

/** `spec.topology` of a Cluster in v1beta1. */
export const topologyV1beta1: Schema = reshape(withoutMinimumSizes(topology), [
  ["class*", s.string("Name of the ClusterClass.", { minLength: 1, maxLength: 253 })],
  ["classNamespace", namespaceName],
  ["classRef", null],
  ["rolloutAfter", s.time("Accepted and not used.")],
  ["variables.[].definitionFrom", definitionFrom],
  ...machineEdits("controlPlane"),
  ["controlPlane.machineHealthCheck", machineHealthCheck],
  ["controlPlane.healthCheck", null],
  ["controlPlane.rollout", rolloutAfterOnly],
  ...machineEdits(deployments),
  [`${deployments}.machineHealthCheck`, machineHealthCheck],
  [`${deployments}.healthCheck`, null],
  [`${deployments}.rollout`, rolloutAfterOnly],
  [`${deployments}.strategy`, strategy],
  [`${deployments}.name`, without("pattern")],
  [`${deployments}.minReadySeconds`, without("minimum")],
  ...machineEdits(pools),
  [`${pools}.name`, without("pattern")],
  [`${pools}.minReadySeconds`, without("minimum")],
])

const variableRules: readonly Rule[] = [within("variables.overrides", [oldOnly("definitionFrom")])]

export const topologyRules: readonly Rule[] = [
  move("class", "classRef.name"),
  move("classNamespace", "classRef.namespace"),
  oldOnly("rolloutAfter"),
  within("variables", [oldOnly("definitionFrom")]),
  within("controlPlane", [...variableRules, ...deletionTimeoutRules, ...healthCheckRules]),
  within("workers.machineDeployments", [
    ...variableRules,
    ...deletionTimeoutRules,
    ...healthCheckRules,
    ...strategyRules("healthCheck.remediation.maxInFlight"),
  ]),
  within("workers.machinePools", [...variableRules, ...deletionTimeoutRules]),
]
