import { isControlPlane, label, MachineKind, type RemoteMachine, RemoteMachineKind } from "#apis"
import { ownerOfKind } from "#contract"
import type { TriggerReader } from "#controller"

import { namesHost } from "../pool.ts"
import { isProvisioned, type MachineScope, ownerMachine } from "./remote-machine-access.ts"

/**
 * Whether the host may be taken and prepared before there is bootstrap data. A machine of a pool
 * does so only when a control plane machine of its cluster has a host: were the pool short, that
 * one would wait in vain for what machines have that wait for it.
 */
export function mayPrepare(scope: MachineScope): boolean {
  const { object } = scope
  if (object.spec?.artifacts === undefined) return false
  return object.spec.pool === undefined || namesHost(object) || controlPlaneHasHost(scope)
}

/** The machines that may go ahead once this one, of their control plane, has a host. */
export function followersOf(
  changed: RemoteMachine,
  reader: TriggerReader,
): readonly RemoteMachine[] {
  const { namespace, labels } = changed.metadata
  const cluster = labels?.[label.clusterName]
  const owner = ownerOfKind(changed, MachineKind)
  if (changed.spec?.address === undefined || isProvisioned(changed) || !owner) return []
  const machine = reader.read(MachineKind).get(namespace, owner.name)
  if (cluster === undefined || !machine || !isControlPlane(machine)) return []
  return reader
    .read(RemoteMachineKind)
    .labelled(label.clusterName, cluster, namespace)
    .filter((other) => other.spec?.pool !== undefined && other.spec.artifacts !== undefined)
    .filter((other) => !isProvisioned(other) && !namesHost(other))
}

/** Machines of other kinds take no host of a pool. */
function controlPlaneHasHost(scope: MachineScope): boolean {
  const { namespace } = scope.object.metadata
  const cluster = ownerMachine(scope)?.spec.clusterName
  return scope
    .read(MachineKind)
    .list(namespace)
    .filter(isControlPlane)
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
