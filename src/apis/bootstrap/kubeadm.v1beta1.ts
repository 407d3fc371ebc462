import { isObject } from "#base"
import { s, type Schema } from "#schema"
import { goDuration } from "../cluster/v1beta1.shape.ts"
import { argumentList, duration, zeroMeansUnset } from "../conversion/codec.ts"
import { putAt, valueAt } from "../conversion/path.ts"
import { reshape, type SchemaEdit, without, withoutMinimumSizes } from "../conversion/reshape.ts"
import { adjust, hubOnly, move, oldOnly, recode, type Rule, within } from "../conversion/rule.ts"
import { kubeadmConfigSpec } from "./kubeadm.shape.ts"

const flags = s.map("Flags to add, without leading dashes.", s.string("Value of the flag."))

const components = ["apiServer", "controllerManager", "scheduler"]

/** What kubeadm's own configuration files have and the hub derives or ignores. */
const typeFields: readonly SchemaEdit[] = [
  "clusterConfiguration",
  "initConfiguration",
  "joinConfiguration",
].flatMap((section): SchemaEdit[] => [
  [`${section}.apiVersion`, s.string("Accepted and not used.")],
  [`${section}.kind`, s.string("Accepted and not used.")],
])

const networking = s.object("Accepted and not used: the Cluster says it.", {
  serviceSubnet: s.optional(s.string("Accepted.", { minLength: 1, maxLength: 1024 })),
  podSubnet: s.optional(s.string("Accepted.", { minLength: 1, maxLength: 1024 })),
  dnsDomain: s.optional(s.string("Accepted.", { minLength: 1, maxLength: 253 })),
})

const hubLayout =
  kubeadmConfigSpec.properties?.["diskSetup"]?.properties?.["partitions"]?.items ?? {}

const edits: readonly SchemaEdit[] = [
  ...typeFields,
  ["clusterConfiguration.clusterName", s.string("Accepted.", { minLength: 1, maxLength: 63 })],
  [
    "clusterConfiguration.kubernetesVersion",
    s.string("Accepted and not used: the Machine says it.", { minLength: 1, maxLength: 256 }),
  ],
  ["clusterConfiguration.networking", networking],
  ...components.map((name): SchemaEdit => [`clusterConfiguration.${name}.extraArgs`, flags]),
  ["clusterConfiguration.etcd.local.extraArgs", flags],
  ["clusterConfiguration.apiServer.timeoutForControlPlane", goDuration],
  ["initConfiguration.bootstrapTokens.[].ttl", goDuration],
  ["initConfiguration.bootstrapTokens.[].ttlSeconds", null],
  ["initConfiguration.bootstrapTokens.[].token", without("minLength", "maxLength")],
  ["initConfiguration.nodeRegistration.kubeletExtraArgs", flags],
  ["initConfiguration.localAPIEndpoint.bindPort", without("minimum")],
  ["initConfiguration.timeouts", null],
  ["joinConfiguration.nodeRegistration.kubeletExtraArgs", flags],
  ["joinConfiguration.controlPlane.localAPIEndpoint.bindPort", without("minimum")],
  ["joinConfiguration.discovery.timeout", goDuration],
  ["joinConfiguration.timeouts", null],
  ["diskSetup.partitions.[]", without("x-kubernetes-validations")],
  ["diskSetup.partitions.[].layout*", (schema) => schema],
  [
    "diskSetup.partitions.[].diskLayout",
    isObject(hubLayout) ? ((hubLayout as Schema).properties?.["diskLayout"] ?? {}) : {},
  ],
  ["mounts.[]", without("maxItems")],
  ["useExperimentalRetryJoin", s.boolean("Accepted and not used.")],
]

/** `spec` of a KubeadmConfig in v1beta1. */
export const kubeadmConfigSpecV1beta1: Schema = reshape(
  withoutMinimumSizes(kubeadmConfigSpec),
  edits,
)

const initTimeout = "initConfiguration.timeouts.controlPlaneComponentHealthCheckSeconds"
const joinTimeout = "joinConfiguration.timeouts.controlPlaneComponentHealthCheckSeconds"

/** The hub wants the API server's timeout on machines that join, too. */
const sameTimeoutForJoin = adjust("toHub", (draft) => {
  const seconds = valueAt(draft, initTimeout)
  if (seconds !== undefined) putAt(draft, joinTimeout, seconds)
})

/** A disk layout excludes `layout` in the hub; v1beta1 requires `layout` all the same. */
const partitionRules: readonly Rule[] = [
  adjust("toHub", (draft) => {
    if (draft["layout"] === false && draft["diskLayout"] !== undefined) delete draft["layout"]
  }),
  adjust("fromHub", (draft) => {
    draft["layout"] ??= false
  }),
]

const readOnlyRules = [recode("readOnly", zeroMeansUnset)]

const clusterConfigurationRules: readonly Rule[] = [
  ...components.flatMap((name) => [
    recode(`${name}.extraArgs`, argumentList),
    within(`${name}.extraVolumes`, readOnlyRules),
  ]),
  recode("etcd.local.extraArgs", argumentList),
  ...["apiVersion", "kind", "clusterName", "kubernetesVersion", "networking"].map(oldOnly),
]

const initConfigurationRules: readonly Rule[] = [
  recode("nodeRegistration.kubeletExtraArgs", argumentList),
  within("bootstrapTokens", [move("ttl", "ttlSeconds", duration)]),
  oldOnly("apiVersion"),
  oldOnly("kind"),
]

const joinConfigurationRules: readonly Rule[] = [
  recode("nodeRegistration.kubeletExtraArgs", argumentList),
  recode("discovery.bootstrapToken.unsafeSkipCAVerification", zeroMeansUnset),
  recode("discovery.file.kubeConfig.cluster.insecureSkipTLSVerify", zeroMeansUnset),
  recode("discovery.file.kubeConfig.user.exec.provideClusterInfo", zeroMeansUnset),
  move("discovery.timeout", "timeouts.tlsBootstrapSeconds", duration),
  oldOnly("apiVersion"),
  oldOnly("kind"),
]

/** What differs inside the spec of a KubeadmConfig. */
export const kubeadmConfigSpecRules: readonly Rule[] = [
  within("clusterConfiguration", clusterConfigurationRules),
  within("initConfiguration", initConfigurationRules),
  within("joinConfiguration", joinConfigurationRules),
  move("clusterConfiguration.apiServer.timeoutForControlPlane", initTimeout, duration),
  hubOnly("initConfiguration.timeouts"),
  hubOnly("joinConfiguration.timeouts"),
  sameTimeoutForJoin,
  within("files", [recode("append", zeroMeansUnset)]),
  within("diskSetup.partitions", partitionRules),
  recode("ignition.containerLinuxConfig.strict", zeroMeansUnset),
  oldOnly("useExperimentalRetryJoin"),
]
