import { isControlPlane, label, MachineKind } from "#apis"
import { done, type Outcome, type Phase, waitFor } from "#controller"
import type { WorkloadClusters } from "#workload"
import type { ClusterScope } from "./cluster-access.ts"
import { markInitialized } from "./infrastructure.phase.ts"

/** A workload API that has not answered for longer counts as not reached. */
export const probeGraceMs = 50_000

/** Without a control plane object the first control plane Machine with a Node tells. */
export function followControlPlaneMachines(scope: ClusterScope): Outcome {
  const { spec } = scope.object
  if (spec.controlPlaneRef) return done
  const { namespace, name } = scope.key
  const hasNode = scope
    .read(MachineKind)
    .labelled(label.clusterName, name, namespace)
    .some((machine) => isControlPlane(machine) && machine.status?.nodeRef !== undefined)
  if (hasNode) markInitialized(scope)
  return done
}

/** Connects to the workload cluster, and comes back when its silence has lasted too long. */
export function followConnection(workloads: WorkloadClusters): Phase<ClusterScope> {
  return function followConnection(scope) {
    const { state, silentSinceMs } = workloads.cluster(scope.key)
    if (state.kind === "connected") return done
    const afterMs = silentSinceMs + probeGraceMs + 1 - scope.clock.now()
    if (afterMs <= 0) return done
    return waitFor("WaitingForRemoteConnection", { message: state.message, afterMs, stop: false })
  }
}
