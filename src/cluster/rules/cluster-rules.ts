import {
  type Cluster,
  ClusterKind,
  label,
  type Machine,
  type MachineDeployment,
  MachineDeploymentKind,
  MachineKind,
  type MachineSet,
  MachineSetKind,
  type MachineTemplate,
} from "#apis"
import { formatSelector, type KindRules, matchesSelector } from "#meta"
import { type FieldError, forbiddenError, invalidError, isCidr } from "#schema"
import { setNameValue } from "../stable-hash.ts"
import {
  defaultReplicas,
  immutableError,
  intOrPercentErrors,
  machineSpecErrors,
  nameErrors,
  namingErrors,
  parsedSelector,
  preflightErrors,
  withPrefix,
} from "./field-checks.ts"
import { nodeDeletionTimeoutSeconds } from "./machine-defaults.ts"

function found(errors: readonly FieldError[]) {
  return { errors, warnings: [] }
}

const cluster: KindRules<Cluster> = {
  kind: ClusterKind,
  validate: ({ object, old, operation }) =>
    found(operation === "DELETE" ? [] : clusterErrors(object, old)),
}

function clusterErrors({ metadata, spec }: Cluster, old: Cluster | undefined): FieldError[] {
  const errors = [...nameErrors(metadata.name)]
  const { infrastructureRef, controlPlaneRef, topology, clusterNetwork } = spec
  if (!infrastructureRef && old?.spec.infrastructureRef) {
    errors.push(forbiddenError("spec.infrastructureRef", "cannot be removed"))
  }
  if (!controlPlaneRef && old?.spec.controlPlaneRef) {
    errors.push(forbiddenError("spec.controlPlaneRef", "cannot be removed"))
  }
  if (!infrastructureRef && !controlPlaneRef && !topology) {
    const detail =
      "one of spec.controlPlaneRef, spec.infrastructureRef or spec.topology must be set"
    errors.push(forbiddenError("spec", detail))
  }
  if (topology) {
    const detail = "can be set only if the ClusterTopology feature flag is enabled"
    errors.push(forbiddenError("spec.topology", detail))
  }
  for (const group of ["pods", "services"] as const) {
    clusterNetwork?.[group]?.cidrBlocks.forEach((block, index) => {
      if (isCidr(block)) return
      const path = `spec.clusterNetwork.${group}.cidrBlocks[${index}]`
      errors.push(invalidError(path, block, "must be a valid CIDR address"))
    })
  }
  return errors
}

const machine: KindRules<Machine> = {
  kind: MachineKind,
  mutate: ({ object }) => ({
    ...object,
    metadata: {
      ...object.metadata,
      labels: { ...object.metadata.labels, [label.clusterName]: object.spec.clusterName },
    },
    spec: {
      ...object.spec,
      ...(object.spec.version === undefined ? {} : { version: withPrefix(object.spec.version) }),
      deletion: { nodeDeletionTimeoutSeconds, ...object.spec.deletion },
    },
  }),
  validate: ({ object, old, operation }) => {
    if (operation === "DELETE") return found([])
    const isPooled = object.metadata.labels?.[label.poolName] !== undefined
    const errors = machineSpecErrors(object.spec, "spec").filter(
      (error) => !(isPooled && error.field === "spec.bootstrap"),
    )
    return found([
      ...errors,
      ...immutableError("spec.clusterName", old?.spec.clusterName, object.spec.clusterName),
    ])
  },
}

const machineSet: KindRules<MachineSet> = {
  kind: MachineSetKind,
  mutate: ({ object, old }) => {
    const own = hasSelector(object) ? {} : { [label.setName]: setNameValue(object.metadata.name) }
    const { metadata, ...spec } = scalingDefaults(object, old, own)
    return { ...object, metadata, spec: { ...object.spec, ...spec } }
  },
  validate: ({ object, old, operation }) =>
    found(operation === "DELETE" ? [] : [...scalingErrors(object, old)]),
}

const machineDeployment: KindRules<MachineDeployment> = {
  kind: MachineDeploymentKind,
  mutate: ({ object, old }) => {
    const own = {
      ...(hasSelector(object) ? {} : { [label.deploymentName]: object.metadata.name }),
      [label.clusterName]: object.spec.clusterName,
    }
    const { metadata, ...spec } = scalingDefaults(object, old, own)
    const rollout = defaultedRollout(object.spec.rollout)
    return { ...object, metadata, spec: { ...object.spec, ...spec, rollout } }
  },
  validate: ({ object, old, operation }) => {
    if (operation === "DELETE") return found([])
    const { rollout, remediation } = object.spec
    const { maxSurge, maxUnavailable } = rollout?.strategy?.rollingUpdate ?? {}
    const path = "spec.rollout.strategy.rollingUpdate"
    const errors = [
      ...nameErrors(object.metadata.name),
      ...scalingErrors(object, old),
      ...intOrPercentErrors(maxUnavailable, `${path}.maxUnavailable`),
      ...intOrPercentErrors(maxSurge, `${path}.maxSurge`),
      ...intOrPercentErrors(remediation?.maxInFlight, "spec.remediation.maxInFlight"),
    ]
    if (maxSurge === 0 && maxUnavailable === 0) {
      errors.push(invalidError(path, "0", "maxUnavailable and maxSurge cannot both be 0"))
    }
    return found(errors)
  },
}

type Rollout = MachineDeployment["spec"]["rollout"]

function defaultedRollout(rollout: Rollout): Rollout {
  const strategy = rollout?.strategy ?? { type: "RollingUpdate" }
  if (strategy.type !== "RollingUpdate") return rollout
  const rollingUpdate = { maxSurge: 1, maxUnavailable: 0, ...strategy.rollingUpdate }
  return { ...rollout, strategy: { ...strategy, rollingUpdate } }
}

function defaultedTemplate(
  template: MachineTemplate,
  labels: Readonly<Record<string, string>>,
): MachineTemplate {
  const { metadata, spec } = template
  const version = withPrefix(spec.version)
  const merged = { ...metadata?.labels, ...labels }
  const hasLabels = Object.keys(merged).length > 0
  return {
    ...template,
    ...(hasLabels ? { metadata: { ...metadata, labels: merged } } : {}),
    spec: { ...spec, ...(version === undefined ? {} : { version }) },
  }
}

type Scaled = MachineSet | MachineDeployment

function hasSelector({ spec }: Scaled): boolean {
  const { matchLabels = {}, matchExpressions = [] } = spec.selector
  return Object.keys(matchLabels).length + matchExpressions.length > 0
}

/** What MachineSets and MachineDeployments get; selector and template both with these labels. */
function scalingDefaults(
  { metadata, spec }: Scaled,
  old: Scaled | undefined,
  own: Readonly<Record<string, string>>,
) {
  return {
    metadata: {
      ...metadata,
      labels: { ...metadata.labels, [label.clusterName]: spec.clusterName },
    },
    replicas: spec.replicas ?? defaultReplicas(metadata.annotations, old?.spec),
    selector: { ...spec.selector, matchLabels: { ...spec.selector.matchLabels, ...own } },
    template: defaultedTemplate(spec.template, own),
  }
}

/** What holds for both. */
function scalingErrors(object: Scaled, old: Scaled | undefined): readonly FieldError[] {
  const { metadata, spec } = object
  const { selector, errors } = parsedSelector(spec.selector, "spec.selector")
  const labels = spec.template.metadata?.labels
  const all = [
    ...errors,
    ...machineSpecErrors(spec.template.spec, "spec.template.spec"),
    ...preflightErrors(metadata.annotations),
    ...immutableError("spec.clusterName", old?.spec.clusterName, spec.clusterName),
    ...namingErrors(spec.machineNaming?.template, "spec.machineNaming.template"),
  ]
  if (selector && !matchesSelector(selector, labels)) {
    const detail = `must match spec.selector "${formatSelector(selector)}"`
    all.push(invalidError("spec.template.metadata.labels", labels ?? {}, detail))
  }
  if (spec.clusterName !== spec.template.spec.clusterName) {
    const detail =
      "spec.clusterName and spec.template.spec.clusterName must be set to the same value"
    all.push(invalidError("spec.clusterName", spec.clusterName, detail))
  }
  return all
}

/**
 * Defaulting and validation of Cluster API's core kinds; each is only given objects of its kind.
 */
export const clusterRules: readonly KindRules[] = [
  cluster,
  machine,
  machineSet,
  machineDeployment,
] as unknown as readonly KindRules[]
