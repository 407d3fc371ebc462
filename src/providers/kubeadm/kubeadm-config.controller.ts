import {
  type Cluster,
  ClusterKind,
  ConfigMapKind,
  type KubeadmConfig,
  KubeadmConfigKind,
  type Machine,
  MachineKind,
  SecretKind,
} from "#apis"
import { clusterSecret, ensureClusterKeys, label, readClusterKey } from "#contract"
import {
  type Controller,
  defineAccess,
  defineController,
  done,
  external,
  mapped,
  type Observed,
  type Outcome,
  type ReconcileResult,
  referenced,
  type ScopeOf,
  waitFor,
} from "#controller"
import {
  isAlreadyExists,
  keyText,
  kindApiVersion,
  type ObjectKey,
  type OwnerReference,
} from "#meta"
import type { WorkloadClusters } from "#workload"
import { publicKeyHash } from "#pki"
import { bootstrapData, type BootstrapInput } from "./bootstrap-text.ts"
import { userFiles } from "./bootstrap-files.ts"
import { dropToken, keepToken, newToken, tokenCheckMs } from "./bootstrap-token.ts"
import { InitLock } from "./init-lock.ts"

const access = defineAccess({
  name: "kubeadmconfig",
  primary: KubeadmConfigKind,
  reads: [ClusterKind, MachineKind, SecretKind],
  writes: [SecretKind, ConfigMapKind],
})
type KubeadmConfigScope = ScopeOf<typeof access>

export interface KubeadmOptions {
  readonly workloads: WorkloadClusters
}

interface Owners {
  readonly machine: Machine
  readonly cluster: Cluster
}

/** Makes the bootstrap data of a Machine: how kubeadm turns its host into a node. */
export function kubeadmConfigController({ workloads }: KubeadmOptions): Controller {
  /** Who waits for the connection to which cluster; after a restart everybody asks again. */
  const waiting = new Map<string, Set<ObjectKey>>()

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

  /** Once made, the data stays; its token is kept alive until the machine is a node. */
  async function produceData(scope: KubeadmConfigScope): Promise<Outcome> {
    const owners = ownersOf(scope)
    if (!owners) return notAvailable("no Machine owns this KubeadmConfig yet")
    const isMade = scope.object.status?.dataSecretName !== undefined
    if (isMade) return await lookAfter(scope, owners)
    const isInitialized = owners.cluster.status?.initialization?.controlPlaneInitialized === true
    if (isInitialized) return await join(scope, owners)
    if (!isControlPlane(owners.machine)) {
      return notAvailable(
        `waiting for the control plane of Cluster ${owners.cluster.metadata.name} to be initialized`,
      )
    }
    return await initialize(scope, owners)
  }

  async function initialize(scope: KubeadmConfigScope, owners: Owners): Promise<Outcome> {
    const { machine, cluster } = owners
    const holder = await initLock(scope, cluster).acquire(machine)
    if (holder !== machine.metadata.name) {
      return notAvailable(`waiting for Machine ${holder} to initialize the control plane`)
    }
    const keys = await ensureClusterKeys(scope, cluster, {
      owner: clusterOwner(cluster),
      clock: scope.clock,
    })
    return await publish(scope, owners, { mode: "init", keys })
  }

  async function join(scope: KubeadmConfigScope, owners: Owners): Promise<Outcome> {
    const { machine, cluster } = owners
    const workload = workloads.cluster(cluster.metadata).state
    if (workload.kind !== "connected") {
      const text = keyText(cluster.metadata)
      waiting.set(text, (waiting.get(text) ?? new Set()).add(scope.key))
      return notAvailable(`waiting for the API server of the cluster: ${workload.message}`)
    }
    const authority = await readClusterKey(scope, cluster, "ca")
    if (!authority) return notAvailable(`Secret ${cluster.metadata.name}-ca is not there`)
    await initLock(scope, cluster).release(machine)
    const token = rememberedToken(scope.object) ?? newToken()
    await keepToken(workload.client, token, scope.clock)
    await rememberToken(scope, token)
    const discovery = { token, caCertHash: publicKeyHash(authority.certificatePem) }
    if (!isControlPlane(machine)) {
      return await publish(scope, owners, { mode: "join-worker", discovery })
    }
    const keys = await ensureClusterKeys(scope, cluster, {
      owner: clusterOwner(cluster),
      clock: scope.clock,
    })
    return await publish(scope, owners, { mode: "join-control-plane", discovery, keys })
  }

  async function lookAfter(scope: KubeadmConfigScope, owners: Owners): Promise<Outcome> {
    const token = rememberedToken(scope.object)
    const workload = workloads.cluster(owners.cluster.metadata).state
    if (token === undefined || workload.kind !== "connected") return done
    if (owners.machine.status?.nodeRef) {
      await dropToken(workload.client, token)
      return done
    }
    await keepToken(workload.client, token, scope.clock)
    return waitFor("TokenInUse", { afterMs: tokenCheckMs, stop: false })
  }

  return defineController(access, {
    triggers: [
      mapped(MachineKind, (machine) => configOf(machine)),
      mapped(ClusterKind, (cluster, reader) =>
        reader
          .read(MachineKind)
          .labelled(label.clusterName, cluster.metadata.name, cluster.metadata.namespace)
          .flatMap((machine) => configOf(machine)),
      ),
      referenced(SecretKind),
      external("workload-connections", (enqueue) => {
        return workloads.subscribe((event) => {
          if (event.type !== "connection") return
          const keys = waiting.get(keyText(event.cluster)) ?? []
          waiting.delete(keyText(event.cluster))
          for (const key of keys) enqueue(key)
        })
      }),
    ],
    conditions: ["Ready", "DataSecretAvailable", "CertificatesAvailable", "Paused"],
    pausedBy: (scope) => {
      const cluster = ownersOf(scope)?.cluster
      return cluster?.spec.paused ? `Cluster ${cluster.metadata.name} is paused` : undefined
    },
    reconcile: [waitForOwners, produceData],
    observe: kubeadmConfigStatus,
  })
}

function notAvailable(message: string): Outcome {
  return waitFor("DataSecretNotAvailable", { message })
}

function ownersOf(scope: KubeadmConfigScope): Owners | undefined {
  const { ownerReferences, namespace } = scope.object.metadata
  const owner = ownerReferences?.find(({ kind }) => kind === MachineKind.kind)
  const machine = owner && scope.read(MachineKind).get(namespace, owner.name)
  const cluster = machine && scope.read(ClusterKind).get(namespace, machine.spec.clusterName)
  return machine && cluster ? { machine, cluster } : undefined
}

function configOf(machine: Machine): readonly ObjectKey[] {
  const reference = machine.spec.bootstrap.configRef
  const { namespace } = machine.metadata
  return reference?.kind === KubeadmConfigKind.kind ? [{ namespace, name: reference.name }] : []
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

function isControlPlane(machine: Machine): boolean {
  return label.controlPlane in (machine.metadata.labels ?? {})
}

function clusterOwner(cluster: Cluster): OwnerReference {
  const { name, uid = "" } = cluster.metadata
  return { apiVersion: kindApiVersion(ClusterKind), kind: ClusterKind.kind, name, uid }
}

/** The join token lives where upstream keeps it: in the configuration itself. */
function rememberedToken(config: KubeadmConfig): string | undefined {
  return config.spec?.joinConfiguration?.discovery?.bootstrapToken?.token
}

/** Written before the data is, so that a crash in between finds the same token again. */
async function rememberToken(scope: KubeadmConfigScope, token: string): Promise<void> {
  if (rememberedToken(scope.object) === token) return
  scope.edit((draft) => {
    const spec = (draft.spec ??= {})
    const joining = (spec.joinConfiguration ??= {})
    const discovery = (joining.discovery ??= {})
    discovery.bootstrapToken = { ...discovery.bootstrapToken, token }
  })
  await scope.flush()
}

type PublishInput = Pick<BootstrapInput, "mode"> &
  Partial<Pick<BootstrapInput, "keys" | "discovery">>

/** Writes the Secret with the data, or finds the one an earlier pass wrote. */
async function publish(
  scope: KubeadmConfigScope,
  { machine, cluster }: Owners,
  input: PublishInput,
): Promise<Outcome> {
  const config = scope.object
  const { namespace, name, uid = "" } = config.metadata
  const files = await userFiles(scope, config)
  const values = bootstrapData({ ...input, spec: config.spec ?? {}, machine, cluster, files })
  const owner: OwnerReference = {
    apiVersion: kindApiVersion(KubeadmConfigKind),
    kind: KubeadmConfigKind.kind,
    name,
    uid,
    controller: true,
  }
  const secret = clusterSecret({ namespace, name }, cluster.metadata.name, owner, values)
  try {
    await scope.create(SecretKind, secret)
  } catch (error) {
    if (!isAlreadyExists(error)) throw error
    const known = await scope.live(SecretKind, { namespace, name })
    const isOurs = known?.metadata.ownerReferences?.some((reference) => reference.uid === uid)
    if (!isOurs) {
      return notAvailable(`Secret ${name} is there already and belongs to somebody else`)
    }
    await scope.patch(
      SecretKind,
      { namespace, name },
      { type: "merge", body: { data: secret.data } },
    )
  }
  scope.editStatus((draft) => {
    draft.dataSecretName = name
  })
  return done
}

function kubeadmConfigStatus(
  scope: KubeadmConfigScope,
  result: ReconcileResult,
): Observed<KubeadmConfig> {
  const name = scope.object.status?.dataSecretName
  const problem = result.error?.message ?? result.waits.find((wait) => wait.stop)?.message ?? ""
  const reason = result.waits.find((wait) => wait.stop)?.reason ?? "DataSecretNotAvailable"
  const isAvailable = name !== undefined
  return {
    ...(isAvailable ? { dataSecretName: name, initialization: { dataSecretCreated: true } } : {}),
    conditions: [
      isAvailable
        ? { type: "DataSecretAvailable", status: "True", reason: "Available" }
        : {
            type: "DataSecretAvailable",
            status: "False",
            reason: result.error ? "InternalError" : reason,
            message: problem,
          },
      isAvailable
        ? { type: "CertificatesAvailable", status: "True", reason: "Available" }
        : { type: "CertificatesAvailable", status: "Unknown", reason: "Unknown", message: problem },
      isAvailable
        ? { type: "Ready", status: "True", reason: "Ready" }
        : { type: "Ready", status: "False", reason: "NotReady", message: problem },
    ],
  }
}
