import {
  ClusterKind,
  type DevMachine,
  DevMachineKind,
  label,
  type Machine,
  MachineKind,
  SecretKind,
} from "#apis"
import { pausedByCluster } from "#contract"
import {
  type Controller,
  defineController,
  done,
  mapped,
  referenced,
  type TriggerReader,
} from "#controller"
import { isConditionTrue, keyOf, type ObjectKey } from "#meta"
import type { SimulatedOptions } from "../simulated-options.ts"
import { clusterOf, devMachineAccess, ownerMachine } from "./dev-machine-access.ts"
import { devMachineConditionTypes, devMachineStatus } from "./dev-machine-status.ts"
import { join } from "./join.phase.ts"
import { leave } from "./leave.phase.ts"
import { begin, comeUp } from "./start.phase.ts"
import { waitForInputs } from "./wait-for-inputs.phase.ts"

/** Brings a simulated machine up, part by part, and its Node with it. */
export function devMachineController(options: SimulatedOptions): Controller {
  const joinCluster = join(options)
  return defineController(devMachineAccess, {
    triggers: [
      mapped(MachineKind, devMachineOf),
      mapped(ClusterKind, ({ metadata: { namespace, name } }, reader) =>
        reader.read(DevMachineKind).labelled(label.clusterName, name, namespace).map(keyOf),
      ),
      mapped(DevMachineKind, siblings),
      referenced(SecretKind),
    ],
    finalizer: "devmachine.infrastructure.cluster.x-k8s.io",
    conditions: devMachineConditionTypes,
    pausedBy: (scope) => {
      const machine = ownerMachine(scope, scope.object)
      return machine && pausedByCluster(clusterOf(scope, machine))
    },
    reconcile: [waitForInputs, begin, comeUp, joinCluster],
    teardown: [leave(options.fleet)],
    observe: (scope, result) =>
      devMachineStatus({
        object: scope.object,
        machine: ownerMachine(scope, scope.object),
        nowMs: scope.clock.now(),
        isUp: result.outcomeOf(joinCluster) === done,
        result,
      }),
  })
}

function devMachineOf(machine: Machine): readonly ObjectKey[] {
  const { kind, name } = machine.spec.infrastructureRef
  return kind === DevMachineKind.kind ? [{ namespace: machine.metadata.namespace, name }] : []
}

/** A control plane that is up lets the cluster's workers join. */
function siblings(changed: DevMachine, reader: TriggerReader): readonly ObjectKey[] {
  const { namespace, labels, name } = changed.metadata
  const cluster = labels?.[label.clusterName]
  if (cluster === undefined || !isConditionTrue(changed, "APIServerProvisioned")) return []
  return reader
    .read(DevMachineKind)
    .labelled(label.clusterName, cluster, namespace)
    .filter((machine) => machine.metadata.name !== name && !isConditionTrue(machine, "Ready"))
    .map(keyOf)
}
