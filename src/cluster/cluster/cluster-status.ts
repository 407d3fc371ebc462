import type { Cluster, ClusterStatus } from "#apis"
import { endpointOf } from "#contract"
import type { ContractReference, Observation, Observed, ReconcileResult } from "#controller"
import type { WorkloadClusters } from "#workload"
import { deletingCondition } from "../deleting-condition.ts"
import { externalCondition } from "../external-condition.ts"
import { type ExternalLook, lookExternal, objectOf } from "../external-object.ts"
import { machinesConditions, remediating } from "../machine-conditions.ts"
import { type ClusterScope, descendantsOf } from "./cluster-access.ts"
import {
  clusterAvailable,
  connectionProbe,
  controlPlaneInitialized,
  movementCondition,
  standaloneControlPlane,
  workersAvailable,
} from "./cluster-conditions.ts"
import { controlPlaneSummary, workersSummary } from "./replica-summary.ts"

/** The condition types that the Cluster controller owns. */
export const clusterConditionTypes = [
  "Available",
  "InfrastructureReady",
  "ControlPlaneInitialized",
  "ControlPlaneAvailable",
  "ControlPlaneMachinesReady",
  "ControlPlaneMachinesUpToDate",
  "WorkersAvailable",
  "WorkerMachinesReady",
  "WorkerMachinesUpToDate",
  "RemoteConnectionProbe",
  "RollingOut",
  "ScalingUp",
  "ScalingDown",
  "Remediating",
  "Deleting",
  "Paused",
]

const deletionCompleted = { reason: "DeletionCompleted", message: "Deletion completed" }

type ObserveCluster = (scope: ClusterScope, result: ReconcileResult) => Promise<Observed<Cluster>>

export function observeCluster(workloads: WorkloadClusters): ObserveCluster {
  return async (scope, result) => {
    const cluster = scope.object
    const { controlPlaneRef, infrastructureRef } = cluster.spec
    const infrastructure = infrastructureRef && (await lookExternal(scope, infrastructureRef))
    const controlPlaneLook = controlPlaneRef && (await lookExternal(scope, controlPlaneRef))
    const controlPlane = objectOf(controlPlaneLook)
    const descendants = descendantsOf(scope)
    const nowMs = scope.clock.now()
    const { controlPlaneMachines, workerMachines, deployments, standaloneMachineSets } = descendants
    const conditions: Observation[] = [
      infrastructureReady(cluster, infrastructure),
      controlPlaneLook && controlPlaneRef
        ? controlPlaneAvailable(cluster, controlPlaneRef, controlPlaneLook)
        : standaloneControlPlane(cluster, controlPlaneMachines),
      controlPlaneInitialized(cluster),
      connectionProbe(cluster, workloads.cluster(scope.key), nowMs),
      workersAvailable(descendants),
      ...machinesConditions("ControlPlane", controlPlaneMachines, nowMs),
      ...machinesConditions("Worker", workerMachines, nowMs),
      movementCondition("RollingOut", controlPlane, deployments),
      movementCondition("ScalingUp", controlPlane, [...deployments, ...standaloneMachineSets]),
      movementCondition("ScalingDown", controlPlane, [...deployments, ...standaloneMachineSets]),
      remediating([...workerMachines, ...controlPlaneMachines]),
      deletingCondition(cluster, result, deletionCompleted),
    ]
    conditions.push(clusterAvailable(cluster, conditions))
    return {
      ...keptFields(cluster),
      phase: phaseOf(cluster),
      controlPlane: controlPlaneSummary(
        controlPlaneRef !== undefined,
        controlPlane,
        controlPlaneMachines,
      ),
      workers: workersSummary(descendants),
      conditions,
    }
  }
}

function keptFields(cluster: Cluster): Pick<ClusterStatus, "initialization" | "failureDomains"> {
  const { initialization, failureDomains } = cluster.status ?? {}
  return { initialization, failureDomains }
}

export function phaseOf(cluster: Cluster): NonNullable<ClusterStatus["phase"]> {
  const { infrastructureRef, controlPlaneRef, controlPlaneEndpoint } = cluster.spec
  if (cluster.metadata.deletionTimestamp !== undefined) return "Deleting"
  const isProvisioned = cluster.status?.initialization?.infrastructureProvisioned === true
  if (isProvisioned && endpointOf(controlPlaneEndpoint)) return "Provisioned"
  return infrastructureRef || controlPlaneRef ? "Provisioning" : "Pending"
}

function infrastructureReady(cluster: Cluster, look: ExternalLook | undefined): Observation {
  const type = "InfrastructureReady"
  const reference = cluster.spec.infrastructureRef
  if (!reference || !look) return { type, status: "True", reason: "Ready" }
  return externalCondition({
    type,
    sourceType: "Ready",
    reference,
    look,
    wasProvided: cluster.status?.initialization?.infrastructureProvisioned === true,
    field: "status.initialization.provisioned",
    isDeleting: cluster.metadata.deletionTimestamp !== undefined,
    subject: "Cluster",
  })
}

function controlPlaneAvailable(
  cluster: Cluster,
  reference: ContractReference,
  look: ExternalLook,
): Observation {
  return externalCondition({
    type: "ControlPlaneAvailable",
    sourceType: "Available",
    reference,
    look,
    wasProvided: cluster.status?.initialization?.controlPlaneInitialized === true,
    field: "status.initialization.controlPlaneInitialized",
    isDeleting: cluster.metadata.deletionTimestamp !== undefined,
    subject: "Cluster",
  })
}
