import {
  type Cluster,
  ClusterKind,
  type ConfigMap,
  ConfigMapKind,
  label,
  type Machine,
  MachineKind,
} from "#apis"
import type { Manifest } from "#client"
import { ownerReference } from "#contract"
import { isAlreadyExists, type ObjectKey } from "#meta"
import type { KubeadmConfigScope } from "./kubeadm-config-access.ts"

const dataKey = "lock-information"

/** `<cluster>-lock`: only one machine of a cluster runs `kubeadm init`. */
export class InitLock {
  readonly #scope: KubeadmConfigScope
  readonly #cluster: Cluster

  constructor(scope: KubeadmConfigScope, cluster: Cluster) {
    this.#scope = scope
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
      await this.#scope.delete(ConfigMapKind, held.lock)
    }
    try {
      await this.#scope.create(ConfigMapKind, this.#manifest(name))
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
    if (held) await this.#scope.delete(ConfigMapKind, held.lock)
  }

  async #exists(name: string): Promise<boolean> {
    if (name === "") return false
    const { namespace } = this.#cluster.metadata
    return (await this.#scope.live(MachineKind, { namespace, name })) !== undefined
  }

  async #holder(): Promise<{ readonly machineName: string; readonly lock: ConfigMap } | undefined> {
    const lock = await this.#scope.live(ConfigMapKind, this.#key)
    if (!lock) return undefined
    return { machineName: machineNameOf(lock.data?.[dataKey]), lock }
  }

  #manifest(machineName: string): Manifest<ConfigMap> {
    return {
      metadata: {
        ...this.#key,
        labels: { [label.clusterName]: this.#cluster.metadata.name },
        ownerReferences: [ownerReference(ClusterKind, this.#cluster)],
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
