import { label, MachineKind, type RemoteMachine, RemoteMachineKind } from "#apis"

import { pooledMachineAnnotation } from "./annotations.ts"
import { type MachineScope, ownerMachine } from "./machine-scope.ts"

/**
 * Whether the host may be taken and prepared before there is bootstrap data. A machine of a pool
 * does so only when a control plane machine of its cluster has a host: were the pool short, that
 * one would wait in vain for what machines have that wait for it.
 */
export function mayPrepare(scope: MachineScope): boolean {
  const { object } = scope
  if (object.spec?.artifacts === undefined) return false
  return object.spec.pool === undefined || hasPooledHost(object) || controlPlaneHasHost(scope)
}

/** True for a machine that may go ahead when the other, of its cluster, has a host now. */
export function mayFollow(machine: RemoteMachine, other: RemoteMachine): boolean {
  const isOfCluster =
    machine.metadata.namespace === other.metadata.namespace &&
    machine.metadata.labels?.[label.clusterName] === other.metadata.labels?.[label.clusterName]
  return (
    isOfCluster &&
    machine.spec?.pool !== undefined &&
    machine.spec.artifacts !== undefined &&
    !hasPooledHost(machine) &&
    other.spec?.address !== undefined
  )
}

function hasPooledHost({ metadata }: RemoteMachine): boolean {
  return metadata.annotations?.[pooledMachineAnnotation] !== undefined
}

/** Machines of other kinds take no host of a pool. */
function controlPlaneHasHost(scope: MachineScope): boolean {
  const { namespace } = scope.object.metadata
  const cluster = ownerMachine(scope)?.spec.clusterName
  return scope
    .read(MachineKind)
    .list(namespace)
    .filter(({ metadata }) => metadata.labels?.[label.controlPlane] !== undefined)
    .filter(({ spec }) => spec.clusterName === cluster)
    .some(
      ({
        spec: {
          infrastructureRef: { kind, name },
        },
      }) => {
        if (kind !== RemoteMachineKind.kind) return true
        return scope.read(RemoteMachineKind).get(namespace, name)?.spec?.address !== undefined
      },
    )
}
