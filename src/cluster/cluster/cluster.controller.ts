import { finalizer, MachineDeploymentKind, MachineKind, MachineSetKind, SecretKind } from "#apis"
import { pausedByCluster } from "#contract"
import { type Controller, defineController, external, mapped, referenced } from "#controller"
import type { ObjectKey } from "#meta"
import type { WorkloadClusters } from "#workload"
import { clusterAccess } from "./cluster-access.ts"
import { clusterConditionTypes, observeCluster } from "./cluster-status.ts"
import { followConnection, followControlPlaneMachines } from "./connection.phase.ts"
import { followControlPlane, followInfrastructure } from "./infrastructure.phase.ts"
import { ensureKubeconfig } from "./kubeconfig.phase.ts"
import {
  announceDeletion,
  deleteControlPlane,
  deleteInfrastructure,
  deleteWorkers,
} from "./teardown.phase.ts"

interface Named {
  readonly metadata: { readonly namespace?: string | undefined }
  readonly spec: { readonly clusterName: string }
}

/**
 * Follows a Cluster's infrastructure and control plane, sums up its Machines, and takes it down.
 */
export function clusterController(workloads: WorkloadClusters): Controller {
  return defineController(clusterAccess, {
    triggers: [
      mapped(MachineKind, clusterKey),
      mapped(MachineSetKind, clusterKey),
      mapped(MachineDeploymentKind, clusterKey),
      referenced(SecretKind),
      external("connections to workload clusters", (enqueue) =>
        workloads.subscribe((event) => {
          if (event.type === "connection") enqueue(event.cluster)
        }),
      ),
    ],
    finalizer: finalizer.cluster,
    reconcile: [
      followInfrastructure,
      followControlPlane,
      followControlPlaneMachines,
      ensureKubeconfig,
      followConnection(workloads),
    ],
    teardown: [deleteWorkers, deleteControlPlane, deleteInfrastructure, announceDeletion],
    leavesOrphans: true,
    observe: observeCluster(workloads),
    conditions: clusterConditionTypes,
    pausedBy: (scope) => pausedByCluster(scope.object),
  })
}

function clusterKey({ metadata, spec }: Named): readonly ObjectKey[] {
  return [{ namespace: metadata.namespace, name: spec.clusterName }]
}
