import { expect, test } from "vitest"
import { silentLogger } from "#base"
import { FakeClock } from "#base/testing"
import { LeaseKind } from "#apis"
import { TestServer } from "#apiserver/testing"
import { Client } from "#client"
import { type HeldLease, LeaseElection } from "#controller"

const key = { namespace: "default", name: "plane" }
const never = new AbortController().signal

class Bench implements AsyncDisposable {
  readonly clock = new FakeClock()
  readonly server: TestServer
  readonly client: Client

  private constructor(server: TestServer) {
    this.server = server
    this.client = new Client(server.transport(), { fieldManager: "test" })
  }

  static async start(): Promise<Bench> {
    return new Bench(await TestServer.start())
  }

  candidate(identity: string): LeaseElection {
    const { clock, client } = this
    return new LeaseElection({ client, key, identity, clock, log: silentLogger })
  }

  async holder(): Promise<string | undefined> {
    return (await this.client.get(LeaseKind, key)).spec?.holderIdentity
  }

  /** Moves time in the steps in which candidates look, giving each step's writes time to land. */
  async pass(seconds: number): Promise<void> {
    for (let step = 0; step < seconds; step += 1) {
      this.clock.advance(1_000)
      for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve))
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server[Symbol.asyncDispose]()
  }
}

test("one candidate holds the lease, the other gets it when it is released", async () => {
  await using bench = await Bench.start()
  const first = await bench.candidate("a").acquire(never)
  const note = { metadata: { annotations: { note: "somebody else's" } } }
  await bench.client.patch(LeaseKind, key, { type: "merge", body: note })
  const waiting = bench.candidate("b").acquire(never)
  await bench.pass(60)
  expect(await bench.holder()).toBe("a")

  await first.release()
  await bench.pass(4)

  const second = await waiting
  expect(await bench.client.get(LeaseKind, key)).toMatchObject({
    spec: { holderIdentity: "b", leaseDurationSeconds: 15, leaseTransitions: 1 },
  })
  expect(first.lost.aborted).toBe(true)
  expect(second.lost.aborted).toBe(false)
  await second.release()
})

test("a holder that stops renewing is succeeded when its lease has run out, not before", async () => {
  await using bench = await Bench.start()
  const spec = { holderIdentity: "dead", leaseDurationSeconds: 15, leaseTransitions: 1 }
  await bench.client.create(LeaseKind, { metadata: key, spec })
  let held: HeldLease | undefined = undefined
  const waiting = bench
    .candidate("b")
    .acquire(never)
    .then((lease) => (held = lease))

  await bench.pass(14)
  expect(held).toBeUndefined()
  await bench.pass(4)

  const lease = await waiting
  expect(await bench.holder()).toBe("b")
  await lease.release()
})

test("a holder whose lease was taken knows it at its next renewal", async () => {
  await using bench = await Bench.start()
  const lease = await bench.candidate("a").acquire(never)
  const body = { spec: { holderIdentity: "thief" } }
  await bench.client.patch(LeaseKind, key, { type: "merge", body })

  await bench.pass(3)

  expect(lease.lost.aborted).toBe(true)
  await lease.release()
  expect(await bench.holder()).toBe("thief")
})

test("a candidate that gives up stops looking", async () => {
  await using bench = await Bench.start()
  const lease = await bench.candidate("a").acquire(never)
  const abort = new AbortController()
  const waiting = bench.candidate("b").acquire(abort.signal)
  const outcome = waiting.catch((error: unknown) => error)

  abort.abort(new Error("enough"))

  expect(await outcome).toMatchObject({ message: "enough" })
  await lease.release()
})
