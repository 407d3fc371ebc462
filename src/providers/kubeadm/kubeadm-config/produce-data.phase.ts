import { type Cluster, ClusterKind, isControlPlane } from "#apis"
import { ensureClusterKeys, ownerReference, readClusterKey } from "#contract"
import { done, type Outcome, type Phase } from "#controller"
import type { AwaitedConnections } from "./awaited-connections.ts"
import { keepToken, newToken } from "./bootstrap-token.ts"
import { InitLock } from "./init-lock.ts"
import {
  type KubeadmConfigScope,
  notAvailable,
  type Owners,
  ownersOf,
} from "./kubeadm-config-access.ts"
import { publishData } from "./publish-data.ts"
import { joinsByFile, rememberedToken, rememberToken } from "./remembered-token.ts"

/** Makes the data, once: the cluster's first control plane machine initializes, others join. */
export function produceData(connections: AwaitedConnections): Phase<KubeadmConfigScope> {
  return async function produceData(scope) {
    const owners = ownersOf(scope)
    if (!owners || scope.object.status?.dataSecretName !== undefined) return done
    const { machine, cluster } = owners
    const isInitialized = cluster.status?.initialization?.controlPlaneInitialized === true
    if (isInitialized) return await join(scope, owners, connections)
    if (isControlPlane(machine)) return await initialize(scope, owners)
    const { name } = cluster.metadata
    return notAvailable(`waiting for the control plane of Cluster ${name} to be initialized`)
  }
}

async function initialize(scope: KubeadmConfigScope, owners: Owners): Promise<Outcome> {
  const { machine, cluster } = owners
  const holder = await new InitLock(scope, cluster).acquire(machine)
  if (holder !== machine.metadata.name) {
    return notAvailable(`waiting for Machine ${holder} to initialize the control plane`)
  }
  const keys = await clusterKeys(scope, cluster)
  return await publishData(scope, owners, { mode: "init", keys })
}

async function join(
  scope: KubeadmConfigScope,
  owners: Owners,
  connections: AwaitedConnections,
): Promise<Outcome> {
  const { machine, cluster } = owners
  const workload = connections.stateFor(scope, cluster)
  if (workload.kind !== "connected") {
    return notAvailable(`waiting for the API server of the cluster: ${workload.message}`)
  }
  const authority = await readClusterKey(scope, cluster, "ca")
  if (!authority) return notAvailable(`Secret ${cluster.metadata.name}-ca is not there`)
  const { object } = scope
  const token = joinsByFile(object) ? undefined : (rememberedToken(object) ?? newToken())
  if (token !== undefined) {
    await rememberToken(scope, token)
    await keepToken(workload.client, token, scope.clock)
  }
  const discovery = { token, authorityPem: authority.certificatePem }
  if (!isControlPlane(machine)) {
    return await publishData(scope, owners, { mode: "join-worker", discovery })
  }
  await new InitLock(scope, cluster).release()
  const keys = await clusterKeys(scope, cluster)
  return await publishData(scope, owners, { mode: "join-control-plane", discovery, keys })
}

function clusterKeys(scope: KubeadmConfigScope, cluster: Cluster) {
  const owner = ownerReference(ClusterKind, cluster)
  return ensureClusterKeys(scope, cluster, { owner, clock: scope.clock })
}
