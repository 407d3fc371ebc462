import { label, MachineKind } from "#apis"
import { clusterOf } from "../cluster-of.ts"
import { lookExternal, objectOf } from "../external-object.ts"
import { keepNodeReason } from "./deletion-rules.ts"
import type { MachineScope } from "./machine-access.ts"

/** Why the Machine's Node is neither drained nor deleted; undefined when it is both. */
export async function keepNode(scope: MachineScope): Promise<string | undefined> {
  const machine = scope.object
  const { namespace } = scope.key
  const cluster = clusterOf(scope)
  const reference = cluster?.spec.controlPlaneRef
  const controlPlane = reference && objectOf(await lookExternal(scope, reference))
  const machines = scope
    .read(MachineKind)
    .labelled(label.clusterName, machine.spec.clusterName, namespace)
  return keepNodeReason({ machine, cluster, controlPlane, machines })
}
