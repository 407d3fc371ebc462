import {
  type Cluster,
  ClusterKind,
  isControlPlane,
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
  | { readonly object?: undefined; readonly missing: ObjectReference }

/** What stands below an object in the tree: what it is made of. */
export function childrenOf(view: ObjectView, object: ExplainedObject): readonly Related[] {
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
  const machine = machineOf(view, object)
  if (object.kind === MachineKind.kind || !machine) return childrenOf(view, object)
  const cluster = clusterOfMachine(view, machine)
  if (!cluster) return [{ missing: { kind: ClusterKind.kind, name: machine.spec.clusterName } }]
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
        ]),
  ]
}

/** The Machine itself, or the one that a bootstrap or infrastructure object belongs to. */
export function machineOf(view: ObjectView, object: ExplainedObject): Machine | undefined {
  if (object.kind === MachineKind.kind) return object as Machine
  const owner = object.metadata.ownerReferences?.find(({ kind }) => kind === MachineKind.kind)
  return owner && view.get(MachineKind, object.metadata.namespace, owner.name)
}

export function clusterOfMachine(view: ObjectView, machine: Machine): Cluster | undefined {
  return view.get(ClusterKind, machine.metadata.namespace, machine.spec.clusterName)
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
