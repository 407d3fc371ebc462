import {
  annotation,
  label,
  type Machine,
  type MachineDeployment,
  type MachineSet,
  type Node,
  type Taint,
  uninitializedTaint,
} from "#apis"
import { nodeAnnotationsOf, nodeLabelsOf } from "#contract"
import { controllerOf } from "#meta"
import { mapChanges } from "../map-changes.ts"
import { revisionOf } from "../revision.ts"

export interface NodePatchInput {
  readonly node: Node
  readonly machine: Machine
  readonly machineSet: MachineSet | undefined
  readonly deployment: MachineDeployment | undefined
  readonly isInterruptible: boolean
}

export interface NodePatch {
  readonly patch: { readonly type: "merge"; readonly body: object }
  readonly isNewlyInterruptible: boolean
}

type Texts = Readonly<Record<string, string>>

const outdatedTaint = "node.cluster.x-k8s.io/outdated-revision"

/**
 * What a Node lacks of its Machine's labels, annotations and taints, or has too much of; undefined
 * when nothing. What nobody ever took from the Machine is left alone.
 */
export function nodePatchOf(input: NodePatchInput): NodePatch | undefined {
  const { node, machine, isInterruptible } = input
  const { labels = {}, annotations = {} } = node.metadata
  const wantedLabels: Texts = {
    ...nodeLabelsOf(machine.metadata.labels),
    ...(isInterruptible ? { [label.interruptible]: "" } : {}),
  }
  const synced = nodeAnnotationsOf(machine.metadata.annotations)
  const wantedAnnotations: Texts = {
    ...synced,
    ...originOf(machine),
    [annotation.nodeLabelsFromMachine]: Object.keys(wantedLabels).sort().join(","),
    [annotation.nodeAnnotationsFromMachine]: Object.keys(synced).sort().join(","),
  }
  const labelChanges = mapChanges(
    labels,
    wantedLabels,
    namesIn(annotations[annotation.nodeLabelsFromMachine]),
  )
  const annotationChanges = mapChanges(annotations, wantedAnnotations, [
    ...namesIn(annotations[annotation.nodeAnnotationsFromMachine]),
    annotation.nodeOwnerKind,
    annotation.nodeOwnerName,
  ])
  const taints = taintsOf(input)
  if (!labelChanges && !annotationChanges && !taints) return undefined
  const { resourceVersion } = node.metadata
  const metadata = {
    ...(labelChanges ? { labels: labelChanges } : {}),
    ...(annotationChanges ? { annotations: annotationChanges } : {}),
    // A list of taints is written whole: nobody else's must get lost.
    ...(taints ? { resourceVersion } : {}),
  }
  return {
    patch: { type: "merge", body: { metadata, ...(taints ? { spec: { taints } } : {}) } },
    isNewlyInterruptible: labelChanges?.[label.interruptible] === "",
  }
}

/** Leads from a Node back to its Machine and to who controls that. */
function originOf(machine: Machine): Texts {
  const { namespace = "", name } = machine.metadata
  const owner = controllerOf(machine)
  return {
    [annotation.nodeClusterName]: machine.spec.clusterName,
    [annotation.nodeClusterNamespace]: namespace,
    [annotation.nodeMachine]: name,
    ...(owner
      ? { [annotation.nodeOwnerKind]: owner.kind, [annotation.nodeOwnerName]: owner.name }
      : {}),
  }
}

function namesIn(list: string | undefined): readonly string[] {
  return (list ?? "").split(",").filter(Boolean)
}

/** The whole list when it must change. */
function taintsOf({ node, machineSet, deployment }: NodePatchInput): readonly Taint[] | undefined {
  const current = node.spec?.taints ?? []
  const isOutdated = revisionOf(machineSet) < revisionOf(deployment)
  const kept = current.filter(
    (taint) => taint.key !== uninitializedTaint && (isOutdated || taint.key !== outdatedTaint),
  )
  const isMarked = kept.some((taint) => taint.key === outdatedTaint)
  const wanted: readonly Taint[] =
    isOutdated && !isMarked ? [...kept, { key: outdatedTaint, effect: "PreferNoSchedule" }] : kept
  return wanted.length === current.length &&
    wanted.every((taint, index) => taint === current[index])
    ? undefined
    : wanted
}
