import { ClusterKind, type RemoteCluster, RemoteClusterKind } from "#apis"
import { ownerOfKind, pausedByCluster } from "#contract"
import {
  type Controller,
  defineAccess,
  defineController,
  done,
  mapped,
  type Observed,
  type ReconcileResult,
  type ScopeOf,
} from "#controller"

const access = defineAccess({
  name: "remotecluster",
  primary: RemoteClusterKind,
  reads: [ClusterKind],
})
type RemoteClusterScope = ScopeOf<typeof access>

/** The infrastructure of such a cluster is there from the start: its endpoint is the user's. */
export function remoteClusterController(): Controller {
  return defineController(access, {
    triggers: [
      mapped(ClusterKind, ({ metadata: { namespace }, spec: { infrastructureRef } }) =>
        infrastructureRef?.kind === RemoteClusterKind.kind
          ? [{ namespace, name: infrastructureRef.name }]
          : [],
      ),
    ],
    conditions: ["Ready", "Paused"],
    pausedBy: (scope) => {
      const owner = ownerOfKind(scope.object, ClusterKind)
      return (
        owner &&
        pausedByCluster(scope.read(ClusterKind).get(scope.object.metadata.namespace, owner.name))
      )
    },
    reconcile: [() => done],
    observe: remoteClusterStatus,
  })
}

function remoteClusterStatus(
  _scope: RemoteClusterScope,
  result: ReconcileResult,
): Observed<RemoteCluster> {
  return {
    initialization: { provisioned: true },
    conditions: [
      result.deleting
        ? { type: "Ready", status: "False", reason: "Deleting" }
        : { type: "Ready", status: "True", reason: "Ready" },
    ],
  }
}
