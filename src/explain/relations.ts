import {
  type Cluster,
  ClusterKind,
  isControlPlane,
  label,
  type Machine,
  type MachineDeployment,
  MachineDeploymentKind,
  MachineKind,
  type MachineSet,
  MachineSetKind,
} from "#apis"
import { controllerOf } from "#meta"
import type { ExplainedObject, ObjectReference, ObjectView } from "./object-view.ts"

/** An object that is there, or a reference to one that is not. */
export type Related =
  | { readonly object: ExplainedObject; readonly missing?: undefined }
  | { readonly object?: undefined; readonly missing: MissingObject }

/** What is not there. */
export interface MissingObject extends ObjectReference {
  /** For people, where there is more to say than that it does not exist. */
  readonly message?: string | undefined
  readonly advice?: string | undefined
}

/** What stands below an object in the tree: what it is made of. */
export function childrenOf(view: ObjectView, object: ExplainedObject): readonly Related[] {
  const children = partsOf(view, object)
  // Of an object that is being deleted the parts go first: nobody has to make them again.
  return isGoing(object) ? children.filter((child) => child.object !== undefined) : children
}

function isGoing({ metadata }: ExplainedObject): boolean {
  return metadata.deletionTimestamp !== undefined
}

function partsOf(view: ObjectView, object: ExplainedObject): readonly Related[] {
  switch (object.kind) {
    case ClusterKind.kind:
      return clusterChildren(view, object as Cluster)
    case MachineDeploymentKind.kind:
      return ownedBy(view.list(MachineSetKind, object.metadata.namespace), object).filter((child) =>
        isCurrent(child.object as MachineSet),
      )
    case MachineSetKind.kind:
      return ownedBy(view.list(MachineKind, object.metadata.namespace), object)
    case MachineKind.kind:
      return machineChildren(view, object as Machine)
    default:
      return []
  }
}

/**
 * What an object may have to wait for, the likeliest first: what it is made of, and what its
 * machine or its cluster has to have reached before it can go on.
 */
export function blockersOf(view: ObjectView, object: ExplainedObject): readonly Related[] {
  if (isGoing(object)) return childrenOf(view, object)
  if (object.kind === ClusterKind.kind) {
    return [...childrenOf(view, object), ...controlPlaneGap(view, object as Cluster)]
  }
  const machine = machineOf(view, object)
  const member = machine ?? memberOf(object)
  if (!member) return childrenOf(view, object)
  const cluster = clusterOfMember(view, member)
  if (!cluster) return [{ missing: { kind: ClusterKind.kind, name: member.spec.clusterName } }]
  if (object.kind === MachineKind.kind || !machine) return childrenOf(view, object)
  const isConfig =
    machine.spec.bootstrap.configRef?.name === object.metadata.name &&
    machine.spec.bootstrap.configRef.kind === object.kind
  const { infrastructureRef, controlPlaneRef } = cluster.spec
  const { initialization } = cluster.status ?? {}
  return [
    ...(initialization?.infrastructureProvisioned
      ? []
      : referred(view, infrastructureRef, cluster.metadata.namespace)),
    ...(isConfig || machine.spec.bootstrap.dataSecretName !== undefined
      ? []
      : referred(view, machine.spec.bootstrap.configRef, machine.metadata.namespace)),
    ...(initialization?.controlPlaneInitialized
      ? []
      : [
          ...referred(view, controlPlaneRef, cluster.metadata.namespace),
          ...controlPlaneMachines(view, cluster)
            .filter((each) => each.metadata.uid !== machine.metadata.uid)
            .map((each) => ({ object: each })),
          ...controlPlaneGap(view, cluster),
        ]),
  ]
}

/** The Machine itself, or the one that a bootstrap or infrastructure object belongs to. */
export function machineOf(view: ObjectView, object: ExplainedObject): Machine | undefined {
  if (object.kind === MachineKind.kind) return object as Machine
  const { namespace, name } = object.metadata
  const owner = object.metadata.ownerReferences?.find(({ kind }) => kind === MachineKind.kind)
  if (owner) return view.get(MachineKind, namespace, owner.name)
  // A Machine that waits does not own yet what it refers to.
  return view
    .list(MachineKind, namespace)
    .find(({ spec }) =>
      [spec.bootstrap.configRef, spec.infrastructureRef].some(
        (reference) => reference?.kind === object.kind && reference.name === name,
      ),
    )
}

/**
 * What `status` shows: all Clusters, and what belongs to Clusters that are not there, which no
 * Cluster's tree has.
 */
export function rootsOf(view: ObjectView, namespace?: string): readonly ExplainedObject[] {
  const members: readonly Member[] = [
    ...view.list(MachineDeploymentKind, namespace),
    ...view.list(MachineSetKind, namespace),
    ...view.list(MachineKind, namespace),
  ]
  const isTop = (object: ExplainedObject): boolean => controllerOf(object) === undefined
  return [
    ...view.list(ClusterKind, namespace),
    ...members.filter(isTop).filter((member) => isHomeless(view, member)),
  ]
}

/** True for an object whose Cluster is not there. */
export function isHomeless(view: ObjectView, object: ExplainedObject): boolean {
  const member = memberOf(object)
  return member !== undefined && !clusterOfMember(view, member)
}

/** An object that names the Cluster it belongs to. */
type Member = Machine | MachineSet | MachineDeployment

const memberKinds: readonly string[] = [
  MachineKind.kind,
  MachineSetKind.kind,
  MachineDeploymentKind.kind,
]

function memberOf(object: ExplainedObject): Member | undefined {
  return memberKinds.includes(object.kind) ? (object as Member) : undefined
}

/** The Cluster that an object names as its own. */
export function clusterOf(view: ObjectView, object: ExplainedObject): Cluster | undefined {
  const member = memberOf(object)
  return member && clusterOfMember(view, member)
}

function clusterOfMember(view: ObjectView, { metadata, spec }: Member): Cluster | undefined {
  return view.get(ClusterKind, metadata.namespace, spec.clusterName)
}

/** Nobody asks for a control plane, or not any more: the rest would wait for ever. */
function controlPlaneGap(view: ObjectView, cluster: Cluster): readonly Related[] {
  const { spec, metadata } = cluster
  if (spec.controlPlaneRef || controlPlaneMachines(view, cluster).length > 0) return []
  const message = `no Machine of Cluster ${metadata.name} has the label ${label.controlPlane}`
  const advice = "add a Machine with this label, a KubeadmConfig and a host: the control plane"
  return [{ missing: { kind: MachineKind.kind, name: "control plane", message, advice } }]
}

function clusterChildren(view: ObjectView, cluster: Cluster): readonly Related[] {
  const { namespace, name } = cluster.metadata
  const isMember = (object: MachineDeployment | MachineSet | Machine): boolean =>
    object.spec.clusterName === name
  const isTop = (object: ExplainedObject): boolean => controllerOf(object) === undefined
  const machines = view.list(MachineKind, namespace).filter(isMember).filter(isTop)
  const members = [
    ...controlPlaneMachines(view, cluster).filter(isTop),
    ...view.list(MachineDeploymentKind, namespace).filter(isMember),
    ...view.list(MachineSetKind, namespace).filter(isMember).filter(isTop),
    ...machines.filter((machine) => !isControlPlane(machine)),
  ]
  return [
    ...referred(view, cluster.spec.infrastructureRef, namespace),
    ...referred(view, cluster.spec.controlPlaneRef, namespace),
    ...members.map((object) => ({ object })),
  ]
}

function machineChildren(view: ObjectView, machine: Machine): readonly Related[] {
  const { namespace } = machine.metadata
  return [
    ...referred(view, machine.spec.bootstrap.configRef, namespace),
    ...referred(view, machine.spec.infrastructureRef, namespace),
  ]
}

function controlPlaneMachines(view: ObjectView, cluster: Cluster): readonly Machine[] {
  const { namespace, name } = cluster.metadata
  return view
    .list(MachineKind, namespace)
    .filter((machine) => machine.spec.clusterName === name && isControlPlane(machine))
}

/** Old MachineSets stay for a rollback; without machines they are of no interest. */
function isCurrent(machineSet: MachineSet): boolean {
  return (machineSet.spec.replicas ?? 0) > 0 || (machineSet.status?.replicas ?? 0) > 0
}

function ownedBy(
  objects: readonly ExplainedObject[],
  owner: ExplainedObject,
): readonly (Related & {
  readonly object: ExplainedObject
})[] {
  return objects
    .filter((object) => controllerOf(object)?.uid === owner.metadata.uid)
    .map((object) => ({ object }))
}

/** Nothing is said about kinds that the view does not have. */
function referred(
  view: ObjectView,
  reference: ObjectReference | undefined,
  namespace: string | undefined,
): readonly Related[] {
  if (!reference || !view.knows(reference.kind)) return []
  const object = view.find(reference, namespace)
  return [object ? { object } : { missing: { kind: reference.kind, name: reference.name } }]
}
