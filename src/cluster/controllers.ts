import type { Controller } from "#controller"
import type { CacheSource } from "#meta"
import type { WorkloadClusters } from "#workload"
import { clusterController } from "./cluster/cluster.controller.ts"
import { machineDeploymentController } from "./machine-deployment/machine-deployment.controller.ts"
import { machineSetController } from "./machine-set/machine-set.controller.ts"
import { machineController } from "./machine/machine.controller.ts"

export interface ClusterControllersOptions {
  /** Started by the caller, before the controllers and on the same caches. */
  readonly workloads: WorkloadClusters
  readonly caches: CacheSource
}

/** The controllers of Cluster API's core. */
export function clusterControllers(options: ClusterControllersOptions): Controller[] {
  const { workloads, caches } = options
  return [
    clusterController(workloads),
    machineDeploymentController(caches),
    machineSetController(caches),
    machineController({ workloads, caches }),
  ]
}
