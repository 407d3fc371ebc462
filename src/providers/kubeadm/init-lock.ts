import { type Cluster, ClusterKind, type ConfigMap, type Machine } from "#apis"
import type { Manifest } from "#client"
import { isAlreadyExists, kindApiVersion, type ObjectKey } from "#meta"

/** What the lock asks of a controller's scope. */
export interface LockAccess {
  readonly readLock: (key: ObjectKey) => Promise<ConfigMap | undefined>
  readonly readMachine: (key: ObjectKey) => Promise<Machine | undefined>
  readonly createLock: (lock: Manifest<ConfigMap>) => Promise<unknown>
  readonly deleteLock: (lock: ConfigMap) => Promise<void>
}

const dataKey = "lock-information"

/** `<cluster>-lock`: only one machine of a cluster runs `kubeadm init`. */
export class InitLock {
  readonly #access: LockAccess
  readonly #cluster: Cluster

  constructor(access: LockAccess, cluster: Cluster) {
    this.#access = access
    this.#cluster = cluster
  }

  get #key(): ObjectKey {
    const { namespace, name } = this.#cluster.metadata
    return { namespace, name: `${name}-lock` }
  }

  /**
   * The machine that holds the lock afterwards: this one, or another that still exists. Rejects
   * with `AlreadyExists` when another took it and gave it back meanwhile.
   */
  async acquire(machine: Machine): Promise<string> {
    const { name } = machine.metadata
    const held = await this.#holder()
    if (held?.machineName === name) return name
    if (held) {
      if (await this.#exists(held.machineName)) return held.machineName
      await this.#access.deleteLock(held.lock)
    }
    try {
      await this.#access.createLock(this.#manifest(name))
      return name
    } catch (error) {
      if (!isAlreadyExists(error)) throw error
      const winner = await this.#holder()
      if (!winner) throw error
      return winner.machineName
    }
  }

  /** Takes the lock away, whoever has it: the control plane is there. */
  async release(): Promise<void> {
    const held = await this.#holder()
    if (held) await this.#access.deleteLock(held.lock)
  }

  async #exists(name: string): Promise<boolean> {
    if (name === "") return false
    const { namespace } = this.#cluster.metadata
    return (await this.#access.readMachine({ namespace, name })) !== undefined
  }

  async #holder(): Promise<{ readonly machineName: string; readonly lock: ConfigMap } | undefined> {
    const lock = await this.#access.readLock(this.#key)
    if (!lock) return undefined
    return { machineName: machineNameOf(lock.data?.[dataKey]), lock }
  }

  #manifest(machineName: string): Manifest<ConfigMap> {
    const { name, uid = "" } = this.#cluster.metadata
    return {
      metadata: {
        ...this.#key,
        labels: { "cluster.x-k8s.io/cluster-name": name },
        ownerReferences: [
          { apiVersion: kindApiVersion(ClusterKind), kind: ClusterKind.kind, name, uid },
        ],
      },
      data: { [dataKey]: JSON.stringify({ machineName }) },
    }
  }
}

/** A lock that nobody can read is held by nobody. */
function machineNameOf(text: string | undefined): string {
  try {
    const { machineName } = JSON.parse(text ?? "{}") as { readonly machineName?: unknown }
    return typeof machineName === "string" ? machineName : ""
  } catch {
    return ""
  }
}
