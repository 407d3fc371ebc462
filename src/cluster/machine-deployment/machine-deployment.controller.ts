import {
  ClusterKind,
  finalizer,
  label,
  MachineDeploymentKind,
  MachineKind,
  MachineSetKind,
} from "#apis"
import { pausedByCluster } from "#contract"
import { type Controller, defineController, mapped, owned } from "#controller"
import type { CacheSource } from "#meta"
import { clusterOf } from "../cluster-of.ts"
import { ofCluster, onRelevantChange } from "../object-change.ts"
import { adopt, adoptMachineSets } from "./adopt.phase.ts"
import { machineDeploymentAccess } from "./machine-deployment-access.ts"
import {
  machineDeploymentConditionTypes,
  observeMachineDeployment,
} from "./machine-deployment-status.ts"
import { cleanUp, rollOut } from "./rollout.phase.ts"
import { deleteMachineSets } from "./teardown.phase.ts"

/** Replaces Machines, set by set, when their template changes. */
export function machineDeploymentController(caches: CacheSource): Controller {
  return defineController(machineDeploymentAccess, {
    triggers: [
      owned(MachineSetKind),
      mapped(MachineKind, ({ metadata: { labels, namespace } }) => {
        const name = labels?.[label.deploymentName]
        return name === undefined ? [] : [{ namespace, name }]
      }),
      onRelevantChange({
        caches,
        kind: ClusterKind,
        relevant: ({ spec, metadata }) => JSON.stringify([metadata.uid, spec.paused]),
        keys: ofCluster(MachineDeploymentKind),
      }),
    ],
    finalizer: finalizer.machineDeployment,
    reconcile: [adopt, adoptMachineSets, rollOut, cleanUp],
    teardown: [deleteMachineSets],
    leavesOrphans: true,
    observe: observeMachineDeployment,
    conditions: machineDeploymentConditionTypes,
    pausedBy: (scope) => pausedByCluster(clusterOf(scope)),
  })
}
