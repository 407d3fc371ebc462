import type {
  Cluster,
  KubeadmConfig,
  Machine,
  MachineDeployment,
  MachineSet,
  RemoteCluster,
  RemoteMachine,
} from "#apis"
import {
  ClusterKind,
  KubeadmConfigKind,
  MachineDeploymentKind,
  MachineKind,
  MachineSetKind,
  RemoteClusterKind,
  RemoteMachineKind,
} from "#apis"
import { ObjectIndex } from "#client"
import {
  type ApiObject,
  type CacheSource,
  type Condition,
  kindApiVersion,
  type KindRef,
  type ObjectCache,
  type OwnerReference,
} from "#meta"
import { explainedKinds, ObjectView } from "../object-view.ts"

export const transitionTime = "2026-03-01T12:00:00Z"

/** A condition as controllers write it. */
export function condition(
  type: string,
  status: Condition["status"],
  reason: string,
  message = "",
): Condition {
  return { type, status, reason, message, lastTransitionTime: transitionTime }
}

export const isReady = condition("Ready", "True", "Ready")

/** The objects of a cluster on hosts; each test says only what is not as it should be. */
export class TestObjects {
  readonly #indexes = new Map<string, ObjectIndex<ApiObject>>()
  #revision = 0

  async view(): Promise<ObjectView> {
    const source: CacheSource = {
      cache: <T>(kind: KindRef<T>) =>
        Promise.resolve(this.#index(kind.kind) as unknown as ObjectCache<T>),
    }
    return await ObjectView.open(source)
  }

  cluster(fields: Partial<Cluster> = {}): Cluster {
    return this.#put(ClusterKind, {
      metadata: { name: "edge" },
      spec: {
        infrastructureRef: {
          apiGroup: RemoteClusterKind.group,
          kind: RemoteClusterKind.kind,
          name: "edge",
        },
      },
      status: { conditions: [condition("Available", "True", "Available")] },
      ...fields,
    })
  }

  remoteCluster(...conditions: Condition[]): RemoteCluster {
    return this.#put(RemoteClusterKind, { metadata: { name: "edge" }, status: { conditions } })
  }

  /** A control plane machine, unless an owner makes it a worker. */
  machine(name: string, conditions: readonly Condition[], owner?: MachineSet): Machine {
    const labels = owner ? {} : { "cluster.x-k8s.io/control-plane": "" }
    return this.#put(MachineKind, {
      metadata: { name, labels, ...(owner ? { ownerReferences: [controlledBy(owner)] } : {}) },
      spec: {
        clusterName: "edge",
        bootstrap: {
          configRef: { apiGroup: KubeadmConfigKind.group, kind: KubeadmConfigKind.kind, name },
        },
        infrastructureRef: {
          apiGroup: RemoteMachineKind.group,
          kind: RemoteMachineKind.kind,
          name,
        },
      },
      status: { conditions: [...conditions] },
    })
  }

  config(machine: Machine, ...conditions: Condition[]): KubeadmConfig {
    return this.#put(KubeadmConfigKind, {
      metadata: { name: machine.metadata.name, ownerReferences: [controlledBy(machine)] },
      status: { conditions },
    })
  }

  host(machine: Machine, status: RemoteMachine["status"]): RemoteMachine {
    return this.#put(RemoteMachineKind, {
      metadata: { name: machine.metadata.name, ownerReferences: [controlledBy(machine)] },
      status,
    })
  }

  deployment(...conditions: Condition[]): MachineDeployment {
    return this.#put(MachineDeploymentKind, {
      metadata: { name: "edge-workers" },
      spec: {
        clusterName: "edge",
        replicas: 1,
        selector: {},
        template: { spec: {} as Machine["spec"] },
      },
      status: { conditions },
    })
  }

  machineSet(
    owner: MachineDeployment,
    name: string,
    replicas: number,
    machinesReady = condition("MachinesReady", "True", "Ready"),
  ): MachineSet {
    return this.#put(MachineSetKind, {
      metadata: { name, ownerReferences: [controlledBy(owner)] },
      spec: {
        clusterName: "edge",
        replicas,
        selector: {},
        template: { spec: {} as Machine["spec"] },
      },
      status: { conditions: [machinesReady] },
    })
  }

  /** The object with other metadata, as a change of it. */
  replace<T extends ApiObject>(object: T, metadata: Partial<ApiObject["metadata"]>): T {
    const kind = explainedKinds.find((each) => each.kind === object.kind) as unknown as KindRef<T>
    const { resourceVersion: _, ...kept } = object.metadata
    return this.#put(kind, { ...object, metadata: { ...kept, ...metadata } })
  }

  #put<T extends ApiObject>(
    kind: KindRef<T>,
    fields: Omit<T, "apiVersion" | "kind" | "metadata"> & {
      readonly metadata: Partial<ApiObject["metadata"]> & { readonly name: string }
    },
  ): T {
    this.#revision += 1
    const { metadata, ...rest } = fields
    const object = {
      apiVersion: kindApiVersion(kind),
      kind: kind.kind,
      metadata: {
        namespace: "default",
        uid: `${kind.kind}-${metadata.name}`,
        resourceVersion: String(this.#revision),
        ...metadata,
      },
      ...rest,
    } as unknown as T
    this.#index(kind.kind).put(object)
    return object
  }

  #index(kind: string): ObjectIndex<ApiObject> {
    let index = this.#indexes.get(kind)
    if (!index) this.#indexes.set(kind, (index = new ObjectIndex<ApiObject>()))
    return index
  }
}

function controlledBy({ apiVersion, kind, metadata }: ApiObject): OwnerReference {
  return { apiVersion, kind, name: metadata.name, uid: metadata.uid ?? "", controller: true }
}
