import type { Clock, Logger } from "#base"
import {
  type Cluster,
  ClusterKind,
  isControlPlane,
  type Machine,
  MachineKind,
  type Secret,
  SecretKind,
} from "#apis"
import { type CacheSource, keyText, type ObjectCache, type ObjectKey } from "#meta"
import { type Dial, dialHttp } from "./dial.ts"
import { WorkloadCluster } from "./workload-cluster.ts"
import type { WorkloadEvent } from "./workload-state.ts"

export interface WorkloadClustersOptions {
  /** Of the API that holds Clusters and their kubeconfig Secrets. */
  readonly caches: CacheSource
  readonly clock: Clock
  readonly log: Logger
  /** How API servers are reached; straight over HTTPS unless said otherwise. */
  readonly dial?: Dial | undefined
}

const secretSuffix = "-kubeconfig"

/**
 * One connection for each workload cluster that somebody asked for, made from the Secret
 * `<cluster>-kubeconfig` and made again when that Secret or the cluster's endpoint changes. One
 * that is not reached is tried at once when a control plane machine comes up.
 */
export class WorkloadClusters {
  readonly #options: WorkloadClustersOptions
  readonly #clusters = new Map<string, WorkloadCluster>()
  readonly #handlers = new Set<(event: WorkloadEvent) => void>()
  readonly #unsubscribe: (() => void)[] = []
  #secrets: ObjectCache<Secret> | undefined

  constructor(options: WorkloadClustersOptions) {
    this.#options = options
  }

  /** Follows kubeconfig Secrets, Clusters and Machines. Call it before controllers start. */
  async start(): Promise<void> {
    const { caches } = this.#options
    const secrets = await caches.cache(SecretKind)
    const clusters = await caches.cache(ClusterKind)
    const machines = await caches.cache(MachineKind)
    this.#secrets = secrets
    this.#unsubscribe.push(
      secrets.subscribe(({ type, object }) => {
        const { namespace, name } = object.metadata
        if (!name.endsWith(secretSuffix)) return
        const key = { namespace, name: name.slice(0, -secretSuffix.length) }
        this.#clusters.get(keyText(key))?.use(type === "deleted" ? undefined : textOf(object))
      }),
      clusters.subscribe(({ type, object, old }) => {
        const key = keyText(object.metadata)
        if (type === "deleted") this.#forget(key)
        else if (endpointText(object) !== (old && endpointText(old))) {
          this.#clusters.get(key)?.retryNow()
        }
      }),
      machines.subscribe(({ object, old }) => {
        if (!isNewControlPlane(object, old)) return
        const { namespace } = object.metadata
        const key = keyText({ namespace, name: object.spec.clusterName })
        this.#clusters.get(key)?.retryNow()
      }),
    )
    for (const cluster of this.#clusters.values()) cluster.use(this.#kubeconfigOf(cluster.key))
  }

  async stop(): Promise<void> {
    for (const unsubscribe of this.#unsubscribe.splice(0)) unsubscribe()
    const clusters = [...this.#clusters.values()]
    this.#clusters.clear()
    await Promise.all(clusters.map((cluster) => cluster.stop()))
  }

  /** The connection of a cluster. The first who asks makes it begin to connect. */
  cluster(key: ObjectKey): WorkloadCluster {
    const text = keyText(key)
    let cluster = this.#clusters.get(text)
    if (!cluster) {
      const { clock, log, dial = dialHttp } = this.#options
      const onEvent = (event: WorkloadEvent): void => this.#emit(event)
      const { namespace, name } = key
      cluster = new WorkloadCluster({ key: { namespace, name }, dial, clock, log, onEvent })
      this.#clusters.set(text, cluster)
      cluster.use(this.#kubeconfigOf(key))
    }
    return cluster
  }

  /**
   * Calls back when a connection comes or goes and when a Node changes; returns the way to stop.
   */
  subscribe(handler: (event: WorkloadEvent) => void): () => void {
    this.#handlers.add(handler)
    return () => this.#handlers.delete(handler)
  }

  #emit(event: WorkloadEvent): void {
    for (const handler of this.#handlers) handler(event)
  }

  #kubeconfigOf(key: ObjectKey): string | undefined {
    const secret = this.#secrets?.get(key.namespace, key.name + secretSuffix)
    return secret && textOf(secret)
  }

  #forget(key: string): void {
    const cluster = this.#clusters.get(key)
    this.#clusters.delete(key)
    void cluster?.stop()
  }
}

function textOf(secret: Secret): string | undefined {
  const value = secret.data?.["value"]
  return value === undefined ? undefined : Buffer.from(value, "base64").toString("utf8")
}

/**
 * The infrastructure of a control plane machine has just come up: its API server may answer now.
 */
function isNewControlPlane(machine: Machine, old: Machine | undefined): boolean {
  const isUp = ({ status }: Machine): boolean =>
    status?.initialization?.infrastructureProvisioned === true
  return isControlPlane(machine) && isUp(machine) && !(old && isUp(old))
}

function endpointText({ spec }: Cluster): string {
  const { host, port } = spec.controlPlaneEndpoint ?? {}
  return `${host}:${port}`
}
