import type { Cluster, ClusterStatus } from "#apis"
import { endpointOf } from "#contract"
import type { ContractReference, Observation, Observed, ReconcileResult } from "#controller"
import type { WorkloadClusters } from "#workload"
import { externalCondition } from "../external-conditions.ts"
import { type ExternalLook, lookExternal, objectOf } from "../external-object.ts"
import {
  judgedMachines,
  machinesCondition,
  readyReasons,
  remediating,
  upToDateReasons,
} from "../machine-conditions.ts"
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
    const { lastProbeMs } = workloads.cluster(scope.key)
    const { controlPlaneMachines, deployments, standaloneMachineSets } = descendants
    const conditions: Observation[] = [
      infrastructureReady(cluster, infrastructure),
      controlPlaneLook && controlPlaneRef
        ? controlPlaneAvailable(cluster, controlPlaneRef, controlPlaneLook)
        : standaloneControlPlane(cluster, controlPlaneMachines),
      controlPlaneInitialized(cluster),
      connectionProbe(lastProbeMs, nowMs),
      workersAvailable(descendants),
      ...groupConditions(descendants, nowMs),
      movementCondition("RollingOut", controlPlane, deployments),
      movementCondition("ScalingUp", controlPlane, [...deployments, ...standaloneMachineSets]),
      movementCondition("ScalingDown", controlPlane, [...deployments, ...standaloneMachineSets]),
      remediating([...descendants.workerMachines, ...controlPlaneMachines]),
      deletingCondition(cluster, result),
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

function groupConditions(
  descendants: ReturnType<typeof descendantsOf>,
  nowMs: number,
): readonly Observation[] {
  const groups = [
    ["ControlPlane", descendants.controlPlaneMachines],
    ["Worker", descendants.workerMachines],
  ] as const
  return groups.flatMap(([group, machines]) => [
    machinesCondition(machines, {
      type: `${group}MachinesReady`,
      sourceType: "Ready",
      reasons: readyReasons,
    }),
    machinesCondition(judgedMachines(machines, nowMs), {
      type: `${group}MachinesUpToDate`,
      sourceType: "UpToDate",
      reasons: upToDateReasons,
    }),
  ])
}

function deletingCondition(cluster: Cluster, result: ReconcileResult): Observation {
  const type = "Deleting"
  if (cluster.metadata.deletionTimestamp === undefined) {
    return { type, status: "False", reason: "NotDeleting" }
  }
  if (result.error) {
    return { type, status: "True", reason: "InternalError", message: result.error.message }
  }
  const [wait] = result.waits
  return {
    type,
    status: "True",
    reason: wait?.reason ?? "DeletionCompleted",
    message: wait?.message ?? "Deletion completed",
  }
}
