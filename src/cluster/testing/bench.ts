import { customKinds, SecretKind } from "#apis"
import { TestServer } from "#apiserver/testing"
import { type Logger, silentLogger } from "#base"
import { FakeClock } from "#base/testing"
import { Client } from "#client"
import { clusterSecret, clusterSecretName } from "#contract"
import { CrdKindResolver, Manager } from "#controller"
import type { ApiObject, KindRef } from "#meta"
import { WorkloadClusters } from "#workload"
import { clusterControllers } from "../controllers.ts"
import { clusterRules } from "../rules/cluster-rules.ts"

export const namespace = "default"
export const clusterName = "c1"

export interface BenchOptions {
  /** Wraps the way that controllers reach the API, to lose an answer for example. */
  readonly wrap?: BenchWrap | undefined
  readonly log?: Logger | undefined
}

export type BenchTransport = ReturnType<TestServer["transport"]>
export type BenchWrap = (transport: BenchTransport, controller: string) => BenchTransport

/**
 * The core controllers over a real API server, beside a second one that is the workload cluster,
 * reached over HTTPS. The test plays the providers, and moves the clock.
 */
export class Bench implements AsyncDisposable {
  readonly clock: FakeClock
  readonly plane: TestServer
  readonly workload: TestServer
  /** An administrator of the plane. */
  readonly client: Client
  /** An administrator of the workload cluster. */
  readonly workloadClient: Client
  #running: { readonly manager: Manager; readonly workloads: WorkloadClusters } | undefined

  private constructor(clock: FakeClock, plane: TestServer, workload: TestServer) {
    this.clock = clock
    this.plane = plane
    this.workload = workload
    this.client = new Client(plane.transport(), { fieldManager: "test" })
    this.workloadClient = new Client(workload.transport(), { fieldManager: "test" })
  }

  static async start(options: BenchOptions = {}): Promise<Bench> {
    const clock = new FakeClock()
    const plane = await TestServer.start({ clock, kinds: customKinds, rules: clusterRules })
    const workload = await TestServer.start({ clock })
    const bench = new Bench(clock, plane, workload)
    await bench.run(options)
    return bench
  }

  /** Starts controllers; with others running, those are stopped first, like a process that dies. */
  async run({ wrap = (transport) => transport, log = silentLogger }: BenchOptions = {}) {
    await this.halt()
    const { clock, plane } = this
    const { caches } = plane.server
    const workloads = new WorkloadClusters({ caches, clock, log })
    const manager = new Manager({
      controllers: clusterControllers({ workloads, caches }),
      transport: ({ name, fieldManager }) => {
        const user = { name: `controller:${name}`, groups: ["system:masters"] }
        return wrap(plane.transport(user, fieldManager), name)
      },
      caches,
      resolver: new CrdKindResolver(caches),
      clock,
      log,
    })
    this.#running = { manager, workloads }
    await workloads.start()
    await manager.start()
  }

  async halt(): Promise<void> {
    const running = this.#running
    this.#running = undefined
    await running?.manager.stop()
    await running?.workloads.stop()
  }

  /** Until no controller has anything to do at this time. */
  async settle(): Promise<void> {
    await this.#running?.manager.settled()
  }

  async advance(byMs: number): Promise<void> {
    this.clock.advance(byMs)
    await this.settle()
  }

  /** Lets time pass in steps of a second, with all requests that it brings in between. */
  async elapse(totalMs: number): Promise<void> {
    for (let passedMs = 0; passedMs < totalMs; passedMs += 1_000) await this.advance(1_000)
  }

  /** The first state of an object that the test waits for; undefined stands for its absence. */
  async until<T extends ApiObject>(
    kind: KindRef<T>,
    name: string,
    holds: (object: T | undefined) => boolean,
  ): Promise<T | undefined> {
    const cache = await this.plane.server.caches.cache(kind)
    const { promise, resolve } = Promise.withResolvers<void>()
    const check = (): void => {
      if (holds(cache.get(namespace, name))) resolve()
    }
    const unsubscribe = cache.subscribe(check)
    check()
    await promise
    unsubscribe()
    await this.settle()
    return cache.get(namespace, name)
  }

  /** Hands the controllers the way to the workload cluster. */
  async giveKubeconfig(): Promise<void> {
    const key = { namespace, name: clusterSecretName(clusterName, "kubeconfig") }
    const values = { value: await this.workload.kubeconfig() }
    await this.client.create(SecretKind, clusterSecret(key, clusterName, undefined, values))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.halt()
    await this.plane[Symbol.asyncDispose]()
    await this.workload[Symbol.asyncDispose]()
  }
}
