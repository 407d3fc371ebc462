import { label } from "#apis"
import { done, type Phase } from "#controller"
import type { SimulatedFleet } from "../fleet.ts"
import {
  type DevMachineScope,
  isUpControlPlane,
  machinesOf,
  ownerMachine,
} from "./dev-machine-access.ts"
import { isControlPlane, machineFacts } from "./machine-facts.ts"

/** Takes the Node out; with the last control plane machine that is up, the cluster stops. */
export function leave(fleet: SimulatedFleet): Phase<DevMachineScope> {
  return async function leave(scope) {
    const { namespace, labels } = scope.object.metadata
    const machine = ownerMachine(scope, scope.object)
    const name = labels?.[label.clusterName] ?? machine?.spec.clusterName
    if (name === undefined) return done
    const cluster = { namespace, name }
    const running = await fleet.find(cluster)
    await running?.removeMachine(machineFacts(scope.object, machine))
    if (!isControlPlane(scope.object, machine)) return done
    const isLast = !machinesOf(scope, cluster).some((other) => isUpControlPlane(scope, other))
    if (isLast) await fleet.remove(cluster)
    return done
  }
}
