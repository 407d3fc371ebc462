import {
  ClusterKind,
  DevClusterKind,
  DevMachineKind,
  KubeadmConfigKind,
  MachineDeploymentKind,
  MachineKind,
  MachineSetKind,
  PooledRemoteMachineKind,
  RemoteClusterKind,
  RemoteMachineKind,
} from "#apis"
import type { ApiObject, CacheSource, Condition, KindRef, ObjectCache } from "#meta"

/** What every object that we explain has. */
export type ExplainedObject = ApiObject & {
  readonly status?: { readonly conditions?: readonly Condition[] | undefined } | undefined
}

/** Names an object of a kind in its namespace, as contract references do. */
export interface ObjectReference {
  readonly kind: string
  readonly name: string
}

/** The kinds that take part in making a cluster, in the order people ask about them. */
export const explainedKinds: readonly KindRef<ExplainedObject>[] = [
  ClusterKind,
  MachineDeploymentKind,
  MachineSetKind,
  MachineKind,
  KubeadmConfigKind,
  DevClusterKind,
  DevMachineKind,
  RemoteClusterKind,
  RemoteMachineKind,
  PooledRemoteMachineKind,
]

/** All objects that explanations rest on, as caches show them at this moment. */
export class ObjectView {
  readonly #caches: ReadonlyMap<string, ObjectCache<ExplainedObject>>

  private constructor(caches: ReadonlyMap<string, ObjectCache<ExplainedObject>>) {
    this.#caches = caches
  }

  /** Resolves when every cache is filled. */
  static async open(source: CacheSource): Promise<ObjectView> {
    const entries = explainedKinds.map(
      async (kind) => [kind.kind, await source.cache(kind)] as const,
    )
    return new ObjectView(new Map(await Promise.all(entries)))
  }

  /** All objects of a kind, of every namespace unless one is named. */
  list<T extends ApiObject>(kind: KindRef<T>, namespace?: string): readonly T[] {
    return (this.#caches.get(kind.kind)?.list(namespace) ?? []) as unknown as readonly T[]
  }

  get<T extends ApiObject>(
    kind: KindRef<T>,
    namespace: string | undefined,
    name: string,
  ): T | undefined {
    return this.find({ kind: kind.kind, name }, namespace) as unknown as T | undefined
  }

  /** By the kind's name, as references give it. */
  find(reference: ObjectReference, namespace: string | undefined): ExplainedObject | undefined {
    return this.#caches.get(reference.kind)?.get(namespace, reference.name)
  }

  /** True for kinds that the view has; absence of others' objects says nothing. */
  knows(kind: string): boolean {
    return this.#caches.has(kind)
  }

  /** Calls back after every change of any object; returns the way to stop. */
  subscribe(handler: () => void): () => void {
    const stops = [...this.#caches.values()].map((cache) => cache.subscribe(() => handler()))
    return () => stops.forEach((stop) => stop())
  }
}
