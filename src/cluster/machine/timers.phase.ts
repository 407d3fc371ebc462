import { done, type Outcome, type Phase, waitFor } from "#controller"
import { isConditionTrue } from "#meta"
import type { WorkloadClusters } from "#workload"
import type { MachineScope } from "./machine-access.ts"
import { connectionGraceMs } from "./node-conditions.ts"
import { availableInMs } from "./ready-condition.ts"

/** Comes back when a ready Machine becomes available. */
export function awaitAvailability(scope: MachineScope): Outcome {
  const machine = scope.object
  if (!isConditionTrue(machine, "Ready")) return done
  const afterMs = availableInMs(machine, scope.clock.now())
  if (afterMs <= 0) return done
  const message = `waiting for ${machine.spec.minReadySeconds} seconds of being ready`
  return waitFor("WaitingForMinReadySeconds", { message, afterMs, stop: false })
}

/** Comes back when a broken connection has lasted so long that what was seen is void. */
export function awaitConnectionGrace(workloads: WorkloadClusters): Phase<MachineScope> {
  return function awaitConnectionGrace(scope) {
    const { clusterName } = scope.object.spec
    const cluster = workloads.cluster({ namespace: scope.key.namespace, name: clusterName })
    if (cluster.state.kind === "connected") return done
    const afterMs = cluster.silentSinceMs + connectionGraceMs + 1 - scope.clock.now()
    if (afterMs <= 0) return done
    const { message } = cluster.state
    return waitFor("WaitingForRemoteConnection", { message, afterMs, stop: false })
  }
}
