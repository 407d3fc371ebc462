import {
  annotation,
  conversionDataAnnotation,
  finalizer,
  label,
  type MachineDeployment,
  MachineDeploymentKind,
  type MachineSet,
} from "#apis"
import type { Manifest } from "#client"
import { ownerReference } from "#contract"
import type { WantedFields } from "../own-fields.ts"
import { revisionOf } from "../revision.ts"
import { fnv1a, hashName } from "../stable-hash.ts"
import { rollingLimits } from "./rollout-plan.ts"

const desiredReplicasAnnotation = "machinedeployment.clusters.x-k8s.io/desired-replicas"
const maxReplicasAnnotation = "machinedeployment.clusters.x-k8s.io/max-replicas"
const notCopied = new Set([
  "kubectl.kubernetes.io/last-applied-configuration",
  "machinedeployment.clusters.x-k8s.io/revision-history",
  conversionDataAnnotation,
  desiredReplicasAnnotation,
  maxReplicasAnnotation,
  annotation.revision,
])
const suffixLength = 5
const nameMaxLength = 63

/** The revision that a set with the current template has: never lower than any before it. */
export function currentRevision(
  deployment: MachineDeployment,
  current: MachineSet | undefined,
  old: readonly MachineSet[],
): number {
  const highestOld = Math.max(0, ...old.map(revisionOf))
  if (current) return Math.max(revisionOf(current), highestOld + 1)
  return Math.max(highestOld, revisionOf(deployment)) + 1
}

/**
 * What a set takes over from its deployment without new Machines. Only the current set gets a
 * revision; the others keep theirs.
 */
export function wantedOfSet(
  deployment: MachineDeployment,
  machineSet: MachineSet,
  revision: number | undefined,
): WantedFields {
  const { spec } = deployment
  const hash = machineSet.metadata.labels?.[label.machineTemplateHash] ?? ""
  const { labels, annotations } = spec.template.metadata ?? {}
  const own = revision ?? revisionOf(machineSet)
  return {
    labels: setLabels(deployment, hash),
    annotations: {
      ...setAnnotations(deployment),
      ...(own > 0 ? { [annotation.revision]: String(own) } : {}),
      [annotation.disableMachineCreate]: String(
        revision === undefined && spec.rollout?.strategy?.type === "OnDelete",
      ),
    },
    spec: {
      deletion: { order: spec.deletion?.order },
      machineNaming: { template: spec.machineNaming?.template },
      template: {
        metadata: {
          labels: wholeMap(machineSet.spec.template.metadata?.labels, {
            ...labels,
            [label.machineTemplateHash]: hash,
          }),
          annotations: wholeMap(machineSet.spec.template.metadata?.annotations, annotations),
        },
        spec: {
          minReadySeconds: spec.template.spec.minReadySeconds,
          readinessGates: spec.template.spec.readinessGates,
          deletion: {
            nodeDrainTimeoutSeconds: spec.template.spec.deletion?.nodeDrainTimeoutSeconds,
            nodeVolumeDetachTimeoutSeconds:
              spec.template.spec.deletion?.nodeVolumeDetachTimeoutSeconds,
            nodeDeletionTimeoutSeconds: spec.template.spec.deletion?.nodeDeletionTimeoutSeconds,
          },
        },
      },
    },
  }
}

/** The set's template is the deployment's alone: what is not in it has to go. */
function wholeMap(
  current: Readonly<Record<string, string>> | undefined,
  wanted: Readonly<Record<string, string>> | undefined,
): Readonly<Record<string, string | undefined>> {
  const names = Object.keys(current ?? {})
  return { ...Object.fromEntries(names.map((name) => [name, undefined])), ...wanted }
}

function setLabels(deployment: MachineDeployment, hash: string): Readonly<Record<string, string>> {
  return {
    ...deployment.spec.template.metadata?.labels,
    [label.deploymentName]: deployment.metadata.name,
    [label.clusterName]: deployment.spec.clusterName,
    [label.machineTemplateHash]: hash,
  }
}

function setAnnotations(deployment: MachineDeployment): Readonly<Record<string, string>> {
  const { replicas = 0, rollout } = deployment.spec
  const { maxSurge } = rollingLimits(replicas, rollout?.strategy?.rollingUpdate ?? {})
  const isRolling = rollout?.strategy?.type !== "OnDelete"
  const copied = Object.entries(deployment.metadata.annotations ?? {}).filter(
    ([name]) => !notCopied.has(name),
  )
  return {
    ...Object.fromEntries(copied),
    [desiredReplicasAnnotation]: String(replicas),
    [maxReplicasAnnotation]: String(replicas + (isRolling ? maxSurge : 0)),
  }
}

/**
 * The set that a deployment makes for its template. Its name follows from template and revision, so
 * that a create whose answer was lost comes back to the same name.
 */
export function newMachineSet(
  deployment: MachineDeployment,
  revision: number,
): Manifest<MachineSet> {
  const { metadata, spec } = deployment
  const text = JSON.stringify([metadata.uid, revision, spec.template.spec])
  const suffix = hashName(text, suffixLength)
  const hash = `${fnv1a(JSON.stringify(spec.template.spec))}-${suffix}`
  return {
    metadata: {
      name: `${metadata.name.slice(0, nameMaxLength - suffixLength - 1)}-${suffix}`,
      namespace: metadata.namespace,
      labels: setLabels(deployment, hash),
      annotations: {
        ...setAnnotations(deployment),
        [annotation.revision]: String(revision),
        [annotation.disableMachineCreate]: "false",
      },
      finalizers: [finalizer.machineSet],
      ownerReferences: [ownerReference(MachineDeploymentKind, deployment, { controller: true })],
    },
    spec: {
      clusterName: spec.clusterName,
      selector: {
        ...spec.selector,
        matchLabels: { ...spec.selector.matchLabels, [label.machineTemplateHash]: hash },
      },
      template: {
        metadata: {
          ...spec.template.metadata,
          labels: { ...spec.template.metadata?.labels, [label.machineTemplateHash]: hash },
        },
        spec: spec.template.spec,
      },
      ...(spec.machineNaming ? { machineNaming: spec.machineNaming } : {}),
      ...(spec.deletion ? { deletion: spec.deletion } : {}),
    },
  }
}
