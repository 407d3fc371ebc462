import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { customKinds, SecretKind } from "#apis"
import { TestServer } from "#apiserver/testing"
import { type Clock, type Logger, silentLogger, systemClock } from "#base"
import { Client } from "#client"
import { clusterControllers, clusterRules } from "#cluster"
import { CrdKindResolver, Manager } from "#controller"
import { type ApiObject, type KindRef, notFound } from "#meta"
import { clusterSecretName, secretText } from "#contract"
import { kubeadmControllers, kubeadmRules } from "#providers/kubeadm"
import { simulatedControllers, SimulatedFleet } from "#providers/simulated"
import { openMemoryStore, type Store } from "#store"
import { SystemControllers } from "#system"
import { WorkloadClusters } from "#workload"
import { Kubectl } from "../lab/kubectl.ts"

export interface ManagementOptions {
  readonly clock?: Clock | undefined
  readonly log?: Logger | undefined
}

interface Running {
  readonly plane: TestServer
  readonly client: Client
  readonly manager: Manager
  readonly workloads: WorkloadClusters
  readonly system: SystemControllers
  readonly fleet: SimulatedFleet
}

/**
 * Everything that a simulated cluster takes, in process: an API server, the core controllers, the
 * kubeadm and the simulated provider. What it has stored outlives `restart`.
 */
export class Management implements AsyncDisposable {
  readonly clock: Clock
  readonly directory: string
  readonly #log: Logger
  readonly #store: Store
  #running: Running | undefined

  private constructor(options: ManagementOptions, directory: string) {
    this.clock = options.clock ?? systemClock
    this.#log = options.log ?? silentLogger
    this.directory = directory
    this.#store = openMemoryStore({ clock: this.clock })
  }

  static async start(options: ManagementOptions = {}): Promise<Management> {
    const management = new Management(options, await mkdtemp(join(tmpdir(), "simulated-")))
    await management.#start()
    return management
  }

  get plane(): TestServer {
    return this.#current.plane
  }

  /** An administrator of the management cluster. */
  get client(): Client {
    return this.#current.client
  }

  get manager(): Manager {
    return this.#current.manager
  }

  /** Stops everything, as a process that ends does, and starts it again on the same store. */
  async restart(): Promise<void> {
    await this.#stop()
    await this.#start()
  }

  /** The real kubectl, as administrator of the management cluster. */
  async kubectl(): Promise<Kubectl> {
    return await this.#kubectl("management", await this.plane.kubeconfig())
  }

  /** The real kubectl, with the kubeconfig that the cluster's Secret has. */
  async workloadKubectl(cluster: string): Promise<Kubectl> {
    const name = clusterSecretName(cluster, "kubeconfig")
    const secret = await this.client.get(SecretKind, { namespace: "default", name })
    return await this.#kubectl(cluster, secretText(secret, "value") ?? "")
  }

  async #kubectl(name: string, kubeconfig: string): Promise<Kubectl> {
    const file = join(this.directory, `${name}.kubeconfig`)
    await writeFile(file, kubeconfig, { mode: 0o600 })
    return new Kubectl(() => file)
  }

  /** The object, once it is as wanted. The test's own time limit ends a wait that never does. */
  async until<T extends ApiObject>(
    kind: KindRef<T>,
    name: string,
    holds: (object: T) => boolean,
    namespace = "default",
  ): Promise<T> {
    const key = { namespace, name }
    const found = await this.#wait(kind, key, (object) => object !== undefined && holds(object))
    if (!found) throw notFound(kind, name)
    return found
  }

  async untilGone(kind: KindRef<ApiObject>, name: string): Promise<void> {
    await this.#wait(kind, { namespace: "default", name }, (object) => object === undefined)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stop()
    await this.#store.close()
    await rm(this.directory, { recursive: true, force: true })
  }

  get #current(): Running {
    if (!this.#running) throw new Error("use management cluster: it was stopped")
    return this.#running
  }

  async #wait<T extends ApiObject>(
    kind: KindRef<T>,
    key: { readonly namespace: string; readonly name: string },
    holds: (object: T | undefined) => boolean,
  ): Promise<T | undefined> {
    const cache = await this.plane.server.caches.cache(kind)
    const { promise, resolve } = Promise.withResolvers<T | undefined>()
    const check = (): void => {
      const object = cache.get(key.namespace, key.name)
      if (holds(object)) resolve(object)
    }
    const unsubscribe = cache.subscribe(check)
    check()
    return await promise.finally(unsubscribe)
  }

  async #start(): Promise<void> {
    const clock = this.clock
    const log = this.#log
    const plane = await TestServer.start({
      store: this.#store,
      kinds: customKinds,
      rules: [...clusterRules, ...kubeadmRules],
      clock,
      log,
    })
    const { caches } = plane.server
    const system = new SystemControllers({ server: plane.server, clock, log, caPem: plane.caPem })
    await system.start()
    const workloads = new WorkloadClusters({ caches, clock, log })
    await workloads.start()
    const fleet = new SimulatedFleet()
    const manager = new Manager({
      controllers: [
        ...clusterControllers({ workloads, caches }),
        ...kubeadmControllers({ workloads }),
        ...simulatedControllers({ fleet, directory: join(this.directory, "simulated") }),
      ],
      transport: ({ name, fieldManager }) =>
        plane.transport(
          { name: `system:controller:${name}`, groups: ["system:masters"] },
          fieldManager,
        ),
      caches,
      resolver: new CrdKindResolver(caches),
      clock,
      log,
    })
    await manager.start()
    const client = new Client(plane.transport(), { fieldManager: "test" })
    this.#running = { plane, client, manager, workloads, system, fleet }
  }

  async #stop(): Promise<void> {
    const running = this.#running
    this.#running = undefined
    if (!running) return
    await running.manager.stop()
    await running.workloads.stop()
    await running.fleet.stop()
    await running.system.stop()
    await running.plane.server.stop()
  }
}
