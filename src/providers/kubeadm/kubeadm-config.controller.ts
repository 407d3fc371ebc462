import {
  type Cluster,
  ClusterKind,
  ConfigMapKind,
  KubeadmConfigKind,
  type Machine,
  MachineKind,
  SecretKind,
} from "#apis"
import { ensureClusterKeys, label, ownerReference, readClusterKey } from "#contract"
import {
  type Controller,
  defineController,
  done,
  external,
  mapped,
  type Outcome,
  referenced,
  type TriggerReader,
  waitFor,
} from "#controller"
import { keyText, type ObjectKey } from "#meta"
import type { WorkloadClusters } from "#workload"
import { keepToken, newToken, tokenCheckMs } from "./bootstrap-token.ts"
import { InitLock } from "./init-lock.ts"
import {
  access,
  isControlPlane,
  type KubeadmConfigScope,
  type Owners,
  ownersOf,
} from "./kubeadm-config.access.ts"
import { kubeadmConfigStatus } from "./kubeadm-config.status.ts"
import { notAvailable, publishData, rememberedToken, rememberToken } from "./publish-data.ts"

export interface KubeadmOptions {
  readonly workloads: WorkloadClusters
}

/** Makes the bootstrap data of a Machine: how kubeadm turns its host into a node. */
export function kubeadmConfigController({ workloads }: KubeadmOptions): Controller {
  /** Who waits for the connection to which cluster; after a restart everybody asks again. */
  const waiting = new Map<string, Map<string, ObjectKey>>()

  /**
   * The client of the workload cluster; without one, the config is looked at again once there is.
   */
  function connected(scope: KubeadmConfigScope, cluster: Cluster) {
    const { state } = workloads.cluster(cluster.metadata)
    if (state.kind !== "connected") {
      const text = keyText(cluster.metadata)
      const others = waiting.get(text) ?? new Map<string, ObjectKey>()
      waiting.set(text, others.set(keyText(scope.key), scope.key))
    }
    return state
  }

  async function join(scope: KubeadmConfigScope, owners: Owners): Promise<Outcome> {
    const { machine, cluster } = owners
    const workload = connected(scope, cluster)
    if (workload.kind !== "connected") {
      return notAvailable(`waiting for the API server of the cluster: ${workload.message}`)
    }
    const authority = await readClusterKey(scope, cluster, "ca")
    if (!authority) return notAvailable(`Secret ${cluster.metadata.name}-ca is not there`)
    const token = joinsByFile(scope) ? undefined : (rememberedToken(scope.object) ?? newToken())
    if (token !== undefined) {
      await rememberToken(scope, token)
      await keepToken(workload.client, token, scope.clock)
    }
    const discovery = { token, authorityPem: authority.certificatePem }
    if (!isControlPlane(machine)) {
      return await publishData(scope, owners, { mode: "join-worker", discovery })
    }
    await initLock(scope, cluster).release()
    const keys = await clusterKeys(scope, cluster)
    return await publishData(scope, owners, { mode: "join-control-plane", discovery, keys })
  }

  /** Once made, the data stays; its token is kept alive until the machine is a node. */
  async function lookAfter(scope: KubeadmConfigScope, owners: Owners): Promise<Outcome> {
    const { machine, cluster } = owners
    const isInitialized = cluster.status?.initialization?.controlPlaneInitialized === true
    if (isInitialized && isControlPlane(machine)) await initLock(scope, cluster).release()
    const token = rememberedToken(scope.object)
    if (token === undefined || machine.status?.nodeRef || joinsByFile(scope)) return done
    const workload = connected(scope, cluster)
    if (workload.kind !== "connected") return done
    await keepToken(workload.client, token, scope.clock)
    return waitFor("TokenInUse", { afterMs: tokenCheckMs, stop: false })
  }

  async function produceData(scope: KubeadmConfigScope): Promise<Outcome> {
    const owners = ownersOf(scope)
    if (!owners) return notAvailable("no Machine owns this KubeadmConfig yet")
    if (scope.object.status?.dataSecretName !== undefined) return await lookAfter(scope, owners)
    const isInitialized = owners.cluster.status?.initialization?.controlPlaneInitialized === true
    if (isInitialized) return await join(scope, owners)
    if (!isControlPlane(owners.machine)) {
      return notAvailable(
        `waiting for the control plane of Cluster ${owners.cluster.metadata.name} to be initialized`,
      )
    }
    return await initialize(scope, owners)
  }

  return defineController(access, {
    triggers: [
      mapped(MachineKind, configsFor),
      mapped(ClusterKind, (cluster, reader) => configsOf(cluster.metadata, reader)),
      referenced(SecretKind),
      external("workload-connections", (enqueue) => {
        return workloads.subscribe((event) => {
          if (event.type !== "connection") return
          const keys = waiting.get(keyText(event.cluster))
          waiting.delete(keyText(event.cluster))
          for (const key of keys?.values() ?? []) enqueue(key)
        })
      }),
    ],
    conditions: ["Ready", "DataSecretAvailable", "CertificatesAvailable", "Paused"],
    pausedBy: (scope) => {
      const cluster = ownersOf(scope)?.cluster
      return cluster?.spec.paused ? `Cluster ${cluster.metadata.name} is paused` : undefined
    },
    reconcile: [adoptData, waitForOwners, produceData],
    observe: kubeadmConfigStatus,
  })
}

/** After a move the Machine still knows its data, and the status is empty. */
function adoptData(scope: KubeadmConfigScope): Outcome {
  const { name } = scope.object.metadata
  if (ownersOf(scope)?.machine.spec.bootstrap.dataSecretName === name) {
    scope.editStatus((draft) => {
      draft.dataSecretName ??= name
    })
  }
  return done
}

function waitForOwners(scope: KubeadmConfigScope): Outcome {
  const owners = ownersOf(scope)
  if (!owners) return notAvailable("no Machine owns this KubeadmConfig yet")
  const { cluster } = owners
  if (!cluster.status?.initialization?.infrastructureProvisioned) {
    return notAvailable(`waiting for the infrastructure of Cluster ${cluster.metadata.name}`)
  }
  if (scope.object.spec?.format === "ignition") {
    return waitFor("FormatNotSupported", {
      message: "spec.format ignition is not supported; use cloud-config",
    })
  }
  return done
}

async function initialize(scope: KubeadmConfigScope, owners: Owners): Promise<Outcome> {
  const { machine, cluster } = owners
  const holder = await initLock(scope, cluster).acquire(machine)
  if (holder !== machine.metadata.name) {
    return notAvailable(`waiting for Machine ${holder} to initialize the control plane`)
  }
  const keys = await clusterKeys(scope, cluster)
  return await publishData(scope, owners, { mode: "init", keys })
}

function clusterKeys(scope: KubeadmConfigScope, cluster: Cluster) {
  const owner = ownerReference(ClusterKind, cluster)
  return ensureClusterKeys(scope, cluster, { owner, clock: scope.clock })
}

function joinsByFile(scope: KubeadmConfigScope): boolean {
  return scope.object.spec?.joinConfiguration?.discovery?.file !== undefined
}

function initLock(scope: KubeadmConfigScope, cluster: Cluster): InitLock {
  return new InitLock(
    {
      readLock: (key) => scope.live(ConfigMapKind, key),
      readMachine: (key) => scope.live(MachineKind, key),
      createLock: (lock) => scope.create(ConfigMapKind, lock),
      deleteLock: (lock) => scope.delete(ConfigMapKind, lock),
    },
    cluster,
  )
}

/** A control plane machine matters to the others: they may wait for it to leave the init lock. */
function configsFor(machine: Machine, reader: TriggerReader): readonly ObjectKey[] {
  if (!isControlPlane(machine)) return configOf(machine)
  const { namespace } = machine.metadata
  const name = machine.spec.clusterName
  return [...configOf(machine), ...configsOf({ namespace, name }, reader)]
}

function configsOf(cluster: ObjectKey, reader: TriggerReader): readonly ObjectKey[] {
  return reader
    .read(MachineKind)
    .labelled(label.clusterName, cluster.name, cluster.namespace)
    .flatMap((machine) => configOf(machine))
}

function configOf(machine: Machine): readonly ObjectKey[] {
  const reference = machine.spec.bootstrap.configRef
  const { namespace } = machine.metadata
  return reference?.kind === KubeadmConfigKind.kind ? [{ namespace, name: reference.name }] : []
}
