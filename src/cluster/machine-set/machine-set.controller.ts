import { ClusterKind, finalizer, MachineKind, MachineSetKind } from "#apis"
import { pausedByCluster } from "#contract"
import { type Controller, defineController, owned } from "#controller"
import type { CacheSource } from "#meta"
import { clusterOf } from "../cluster-of.ts"
import { ofCluster, onRelevantChange } from "../object-change.ts"
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
        keys: ofCluster(MachineSetKind),
      }),
    ],
    finalizer: finalizer.machineSet,
    reconcile: [adopt, adoptMachines, propagate, completeMachines, scale],
    teardown: [deleteMachines],
    leavesOrphans: true,
    observe: observeMachineSet,
    conditions: machineSetConditionTypes,
    pausedBy: (scope) => pausedByCluster(clusterOf(scope)),
  })
}
