import { ClusterKind, finalizer, label, MachineKind, MachineSetKind } from "#apis"
import { pausedByCluster } from "#contract"
import { type Controller, defineController, owned } from "#controller"
import { type CacheSource, keyOf } from "#meta"
import { clusterOf } from "../cluster-of.ts"
import { onRelevantChange } from "../object-change.ts"
import { adopt, adoptMachines } from "./adopt.phase.ts"
import { machineSetAccess } from "./machine-set-access.ts"
import { machineSetConditionTypes, observeMachineSet } from "./machine-set-status.ts"
import { propagate } from "./propagate.phase.ts"
import { completeMachines, scale } from "./scale.phase.ts"
import { deleteMachines } from "./teardown.phase.ts"

/** Keeps a number of Machines made from one template. */
export function machineSetController(caches: CacheSource): Controller {
  return defineController(machineSetAccess, {
    triggers: [
      owned(MachineKind),
      onRelevantChange({
        caches,
        kind: ClusterKind,
        relevant: ({ spec, metadata }) =>
          JSON.stringify([metadata.uid, spec.paused, spec.controlPlaneRef]),
        keys: async ({ metadata: { name, namespace } }) => {
          const machineSets = await caches.cache(MachineSetKind)
          return machineSets.labelled(label.clusterName, name, namespace).map(keyOf)
        },
      }),
    ],
    finalizer: finalizer.machineSet,
    reconcile: [adopt, adoptMachines, propagate, completeMachines, scale],
    teardown: [deleteMachines],
    observe: observeMachineSet,
    conditions: machineSetConditionTypes,
    pausedBy: (scope) => pausedByCluster(clusterOf(scope)),
  })
}
