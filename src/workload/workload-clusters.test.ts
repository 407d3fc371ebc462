import { customKinds, NodeKind, type Secret, SecretKind } from "#apis"
import { TestServer } from "#apiserver/testing"
import { silentLogger } from "#base"
import { FakeClock } from "#base/testing"
import { Client, ConnectionError, type Manifest } from "#client"
import { expect, test } from "vitest"
import type { Dial } from "./dial.ts"
import { WorkloadClusters } from "./workload-clusters.ts"
import type { WorkloadEvent, WorkloadState } from "./workload-state.ts"

const key = { namespace: "default", name: "edge" }
const secretKey = { namespace: "default", name: "edge-kubeconfig" }

/** A plane with Secrets, a workload cluster behind HTTPS, and the connections between them. */
class Scene implements AsyncDisposable {
  readonly clock: FakeClock
  readonly plane: TestServer
  readonly workload: TestServer
  readonly client: Client
  readonly clusters: WorkloadClusters
  readonly events: WorkloadEvent[] = []

  private constructor(clock: FakeClock, plane: TestServer, workload: TestServer, dial?: Dial) {
    this.clock = clock
    this.plane = plane
    this.workload = workload
    this.client = new Client(plane.transport(), { fieldManager: "test" })
    const { caches } = plane.server
    this.clusters = new WorkloadClusters({ caches, clock, log: silentLogger, dial })
    this.clusters.subscribe((event) => this.events.push(event))
  }

  static async start(dial?: Dial): Promise<Scene> {
    const clock = new FakeClock()
    const plane = await TestServer.start({ clock, kinds: customKinds })
    const scene = new Scene(clock, plane, await TestServer.start({ clock }), dial)
    await scene.clusters.start()
    return scene
  }

  get state(): WorkloadState {
    return this.clusters.cluster(key).state
  }

  /** What the state is called: `connected`, or why it is not. */
  get word(): string {
    return this.state.kind === "connected" ? "connected" : this.state.reason
  }

  /** Resolves with the event after which the state has this name. */
  async until(word: string): Promise<void> {
    if (this.word === word) return
    const { promise, resolve } = Promise.withResolvers<void>()
    const unsubscribe = this.clusters.subscribe(() => {
      if (this.word === word) resolve()
    })
    await promise
    unsubscribe()
  }

  async give(kubeconfig: string): Promise<void> {
    const value = Buffer.from(kubeconfig).toString("base64")
    const manifest: Manifest<Secret> = { metadata: secretKey, data: { value } }
    const known = await this.client.find(SecretKind, secretKey)
    if (known) await this.client.update(SecretKind, manifest)
    else await this.client.create(SecretKind, manifest)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.clusters.stop()
    await this.plane[Symbol.asyncDispose]()
    await this.workload[Symbol.asyncDispose]()
  }
}

test("a cluster is connected when its kubeconfig comes, and tells of its Nodes", async () => {
  await using scene = await Scene.start()
  expect(scene.word).toBe("NoKubeconfig")
  expect(() => scene.clusters.cluster(key).connected()).toThrow(
    "reach workload cluster edge: there is no kubeconfig yet",
  )
  await scene.give(await scene.workload.kubeconfig())
  await scene.until("connected")

  const { client, nodes } = scene.clusters.cluster(key).connected()
  await client.create(NodeKind, { metadata: { name: "n1" } })
  expect(nodes.get(undefined, "n1")?.metadata.name).toBe("n1")
  expect(scene.events.at(-1)).toMatchObject({
    type: "node",
    cluster: key,
    node: { metadata: { name: "n1" } },
  })
})

test("a kubeconfig that cannot be used is named, and a better one is used at once", async () => {
  await using scene = await Scene.start()
  scene.clusters.cluster(key)
  await scene.give("nonsense")
  await scene.until("InvalidKubeconfig")
  await scene.give(await scene.workload.kubeconfig())
  await scene.until("connected")
  await scene.client.delete(SecretKind, secretKey)
  await scene.until("NoKubeconfig")
})

test("a refused credential is told apart from a server that is not reached", async () => {
  await using scene = await Scene.start()
  scene.clusters.cluster(key)
  const good = await scene.workload.kubeconfig()
  await scene.give(withToken(good))
  await scene.until("Unauthorized")

  const away = good.replace(/server: \S+/, "server: https://127.0.0.1:1")
  await scene.give(away)
  await scene.until("Unreachable")
})

/** The same connection with a token that nobody knows instead of a certificate. */
function withToken(kubeconfig: string): string {
  return kubeconfig
    .replace(/client-certificate-data: \S+/, "token: wrong")
    .replace(/\n\s*client-key-data: \S+/, "")
}

test("attempts to connect grow apart, and begin anew when there is reason to hope", async () => {
  const attempts: number[] = []
  let attempted = Promise.withResolvers<void>()
  const dial: Dial = () => {
    attempts.push(scene.clock.now())
    attempted.resolve()
    attempted = Promise.withResolvers<void>()
    throw new ConnectionError("nobody is there")
  }
  await using scene = await Scene.start(dial)
  const cluster = scene.clusters.cluster(key)
  const first = attempted.promise
  await scene.give(await scene.workload.kubeconfig())
  await first
  await scene.until("Unreachable")

  const gaps = async (count: number): Promise<readonly number[]> => {
    const start = attempts.length
    while (attempts.length < start + count) {
      const next = attempted.promise
      scene.clock.advance(500)
      await Promise.race([next, nextTurn()])
      await nextTurn()
    }
    return attempts
      .slice(start)
      .map((time, index) => Math.round((time - (attempts[start + index - 1] ?? 0)) / 1000))
  }
  expect(await gaps(6)).toEqual([1, 2, 4, 8, 16, 30])

  const next = attempted.promise
  cluster.retryNow()
  await next
  await nextTurn()
  expect(await gaps(2)).toEqual([1, 2])
})

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

test("five failed probes lose a connection", async () => {
  await using scene = await Scene.start()
  await scene.give(await scene.workload.kubeconfig())
  scene.clusters.cluster(key)
  await scene.until("connected")
  const { lastProbeMs } = scene.clusters.cluster(key)
  expect(lastProbeMs).toBe(scene.clock.now())

  await scene.workload.server.stop()
  for (let probe = 0; probe < 40 && scene.word === "connected"; probe += 1) {
    scene.clock.advance(10_000)
    await nextTurn()
  }
  await scene.until("Unreachable")
  expect(scene.clusters.cluster(key).lastProbeMs).toBe(lastProbeMs)
})
