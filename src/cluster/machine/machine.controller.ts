import {
  ClusterKind,
  finalizer,
  label,
  type Machine,
  MachineDeploymentKind,
  MachineKind,
  MachineSetKind,
} from "#apis"
import { pausedByCluster } from "#contract"
import { type Controller, defineController, external, type Trigger } from "#controller"
import { type CacheSource, keyOf, type ObjectKey } from "#meta"
import type { WorkloadClusters, WorkloadEvent } from "#workload"
import { clusterOf } from "../cluster-of.ts"
import { ofCluster, onRelevantChange } from "../object-change.ts"
import { adopt } from "./adopt.phase.ts"
import { followBootstrap } from "./bootstrap.phase.ts"
import { followCertificates } from "./certificates.phase.ts"
import { awaitPreDrainHooks, awaitPreTerminateHooks } from "./delete-hooks.phase.ts"
import { awaitVolumes, drain } from "./drain.phase.ts"
import { deleteNode } from "./delete-node.phase.ts"
import { deleteBootstrap, deleteInfrastructure } from "./delete-objects.phase.ts"
import { followInfrastructure } from "./infrastructure.phase.ts"
import { machineAccess } from "./machine-access.ts"
import { machineConditionTypes, observeMachine } from "./machine-status.ts"
import { followNode } from "./node.phase.ts"
import { awaitAvailability, awaitConnectionGrace } from "./timers.phase.ts"

export interface MachineControllerOptions {
  readonly workloads: WorkloadClusters
  readonly caches: CacheSource
}

/** Brings a Machine from its bootstrap data and infrastructure to a Node, and back to nothing. */
export function machineController({ workloads, caches }: MachineControllerOptions): Controller {
  return defineController(machineAccess, {
    triggers: [clusterTrigger(caches), ...templateTriggers(caches), nodeTrigger(workloads, caches)],
    finalizer: finalizer.machine,
    reconcile: [
      adopt,
      followBootstrap,
      followInfrastructure(workloads),
      followNode(workloads),
      followCertificates,
      awaitAvailability,
      awaitConnectionGrace(workloads),
    ],
    teardown: [
      awaitPreDrainHooks,
      drain(workloads),
      awaitVolumes(workloads),
      awaitPreTerminateHooks,
      deleteInfrastructure,
      deleteBootstrap,
      deleteNode(workloads),
    ],
    leavesOrphans: true,
    observe: observeMachine(workloads),
    conditions: machineConditionTypes,
    pausedBy: (scope) => pausedByCluster(clusterOf(scope)),
  })
}

async function machinesWith(
  caches: CacheSource,
  namespace: string | undefined,
  [name, value]: readonly [label: string, value: string],
): Promise<readonly Machine[]> {
  const machines = await caches.cache(MachineKind)
  return machines.labelled(name, value, namespace)
}

/** Not the Cluster's counters, which change with every Machine. */
function clusterTrigger(caches: CacheSource): Trigger {
  return onRelevantChange({
    caches,
    kind: ClusterKind,
    relevant: ({ spec, status, metadata }) =>
      JSON.stringify([
        spec.paused,
        spec.controlPlaneRef,
        metadata.deletionTimestamp,
        status?.initialization,
        status?.conditions?.find(({ type }) => type === "ControlPlaneInitialized")?.status,
      ]),
    keys: ofCluster(MachineKind),
  })
}

/** A new template makes Machines out of date. */
function templateTriggers(caches: CacheSource): readonly Trigger[] {
  return [
    onRelevantChange({
      caches,
      kind: MachineSetKind,
      relevant: ({ spec, metadata }) => JSON.stringify([spec.template, metadata.annotations]),
      keys: async ({ metadata: { uid = "" } }) =>
        (await caches.cache(MachineKind)).ownedBy(uid).map(keyOf),
    }),
    onRelevantChange({
      caches,
      kind: MachineDeploymentKind,
      relevant: ({ spec, metadata }) =>
        JSON.stringify([spec.template, spec.rollout?.after, metadata.annotations]),
      keys: async ({ metadata: { name, namespace } }) =>
        (await machinesWith(caches, namespace, [label.deploymentName, name])).map(keyOf),
    }),
  ]
}

/** Nodes lead to their Machine, a connection that comes or goes to all Machines of the cluster. */
function nodeTrigger(workloads: WorkloadClusters, caches: CacheSource): Trigger {
  return external("Nodes of workload clusters", (enqueue) =>
    workloads.subscribe((event) => {
      void keysOf(event, caches).then((keys) => {
        for (const key of keys) enqueue(key)
      })
    }),
  )
}

async function keysOf(event: WorkloadEvent, caches: CacheSource): Promise<readonly ObjectKey[]> {
  const { cluster } = event
  const machines = await machinesWith(caches, cluster.namespace, [label.clusterName, cluster.name])
  if (event.type === "connection") return machines.map(keyOf)
  const { name } = event.node.metadata
  const ids = [event.node.spec?.providerID, event.old?.spec?.providerID]
  return machines
    .filter(
      ({ spec, status }) =>
        status?.nodeRef?.name === name ||
        (spec.providerID !== undefined && ids.includes(spec.providerID)),
    )
    .map(keyOf)
}
