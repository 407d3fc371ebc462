import { ClusterKind, type DevCluster, DevClusterKind } from "#apis"
import { ownerOfKind, pausedByCluster } from "#contract"
import {
  type Controller,
  defineAccess,
  defineController,
  done,
  mapped,
  type Observed,
  type Outcome,
  type ReconcileResult,
  type ScopeOf,
  waitFor,
} from "#controller"
import type { ObjectKey } from "#meta"
import type { SimulatedOptions } from "./simulated-options.ts"
import { UserObjects } from "./user-objects.ts"

const access = defineAccess({
  name: "devcluster",
  primary: DevClusterKind,
  reads: [ClusterKind],
})
type DevClusterScope = ScopeOf<typeof access>

/** Gives a simulated cluster its endpoint, and takes it away in the end. */
export function devClusterController(options: SimulatedOptions): Controller {
  async function chooseEndpoint(scope: DevClusterScope): Promise<Outcome> {
    const { spec, metadata } = scope.object
    if (!spec?.backend.inMemory) {
      return waitFor("BackendNotSupported", {
        message: "only spec.backend.inMemory is simulated here; there are no containers to run",
      })
    }
    if (spec.controlPlaneEndpoint?.port) return done
    const taken = new Set(
      scope
        .read(DevClusterKind)
        .list()
        .flatMap((other) => other.spec?.controlPlaneEndpoint?.port ?? []),
    )
    const port = await options.fleet.reservePort(metadata, taken)
    scope.edit((draft) => {
      if (draft.spec) draft.spec.controlPlaneEndpoint = { host: "127.0.0.1", port }
    })
    await scope.flush()
    return done
  }

  async function removeCluster(scope: DevClusterScope): Promise<Outcome> {
    await options.fleet.remove(clusterKey(scope.object))
    options.fleet.releasePort(scope.object.metadata)
    await new UserObjects(options.directory, clusterKey(scope.object)).remove()
    return done
  }

  return defineController(access, {
    triggers: [mapped(ClusterKind, (cluster) => referencedCluster(cluster))],
    finalizer: "devcluster.infrastructure.cluster.x-k8s.io",
    conditions: ["Ready", "Paused"],
    pausedBy: (scope) => pausedCluster(scope),
    reconcile: [chooseEndpoint],
    teardown: [removeCluster],
    observe: devClusterStatus,
  })
}

/** The Cluster has the name that its owner reference says; before that the same name is assumed. */
function clusterKey(devCluster: DevCluster): ObjectKey {
  const { namespace, name } = devCluster.metadata
  const owner = ownerOfKind(devCluster, ClusterKind)
  return { namespace, name: owner?.name ?? name }
}

function referencedCluster(cluster: {
  readonly metadata: { readonly namespace?: string | undefined }
  readonly spec: {
    readonly infrastructureRef?: { readonly kind: string; readonly name: string } | undefined
  }
}): readonly ObjectKey[] {
  const reference = cluster.spec.infrastructureRef
  return reference?.kind === DevClusterKind.kind
    ? [{ namespace: cluster.metadata.namespace, name: reference.name }]
    : []
}

function pausedCluster(scope: DevClusterScope): string | undefined {
  const { namespace, name } = clusterKey(scope.object)
  return pausedByCluster(scope.read(ClusterKind).get(namespace, name))
}

function devClusterStatus(scope: DevClusterScope, result: ReconcileResult): Observed<DevCluster> {
  const { status, spec } = scope.object
  const [wait] = result.waits
  const isReady = !wait && !result.error && Boolean(spec?.controlPlaneEndpoint?.port)
  const provisioned = status?.initialization?.provisioned === true || isReady
  return {
    ...(provisioned ? { initialization: { provisioned } } : {}),
    ...(status?.failureDomains ? { failureDomains: status.failureDomains } : {}),
    conditions: [
      result.deleting
        ? { type: "Ready", status: "False", reason: "Deleting" }
        : isReady
          ? { type: "Ready", status: "True", reason: "Ready" }
          : {
              type: "Ready",
              status: "False",
              reason: wait?.reason ?? "NotReady",
              message: wait?.message ?? result.error?.message ?? "",
            },
    ],
  }
}
