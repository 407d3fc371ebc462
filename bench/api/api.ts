import { spawn } from "node:child_process"
import { once } from "node:events"
import { resolve } from "node:path"
import { setTimeout as delay } from "node:timers/promises"
import { hasRealApiServer } from "../../test/differential/real-api-server.ts"
import { usageOf } from "../process-usage.ts"
import type { Figure } from "../table.ts"
import type { LoadJob, LoadResult } from "./load.ts"
import { type RunningServer, startPeer, startPlane } from "../servers.ts"

interface Measured {
  readonly startMs: number
  readonly idleMb: number
  readonly creates: LoadCost
  readonly gets: LoadCost
  readonly events: LoadCost
}

/** A load with what it cost the server: firmer than its speed where the machine is busy. */
interface LoadCost extends LoadResult {
  /** Microseconds of CPU time for one request, or for one event. */
  readonly cpuEachUs: number
}

const idleMs = 3_000

/** Our API server, and kube-apiserver over etcd in the same run where the lab has built them. */
export async function apiBenchmark(): Promise<readonly Figure[]> {
  const ours = await measure(await startPlane())
  const peer = hasRealApiServer() ? await measure(await startPeer()) : undefined
  if (!peer) console.error("kube-apiserver and etcd are not built: run npm run lab -- build")
  const figure = (
    name: string,
    unit: string,
    more: boolean,
    read: (measured: Measured) => number,
  ): Figure => ({ name, unit, more, ours: read(ours), peer: peer && read(peer) })
  return [
    figure("start to first answer", "ms", false, ({ startMs }) => startMs),
    figure("idle memory", "MB", false, ({ idleMb }) => idleMb),
    figure("creates, 64 in flight", "1/s", true, ({ creates }) => creates.perSecond),
    figure("creates, 64 in flight, p99", "ms", false, ({ creates }) => creates.p99Ms),
    figure("GET, 16 in flight", "1/s", true, ({ gets }) => gets.perSecond),
    figure("GET, 16 in flight, p99", "ms", false, ({ gets }) => gets.p99Ms),
    figure("events to 1,000 watchers", "1/s", true, ({ events }) => events.perSecond),
    figure("CPU of one create", "µs", false, ({ creates }) => creates.cpuEachUs),
    figure("CPU of one GET", "µs", false, ({ gets }) => gets.cpuEachUs),
    figure("CPU of one event", "µs", false, ({ events }) => events.cpuEachUs),
  ]
}

async function measure(server: RunningServer): Promise<Measured> {
  try {
    await delay(idleMs)
    const { rssMb } = await usageOf(server.pids)
    const { target } = server
    return {
      startMs: server.startMs,
      idleMb: rssMb,
      creates: await cost(server, { target, kind: "create", inFlight: 64, count: 40_000 }),
      gets: await cost(server, { target, kind: "get", inFlight: 16, count: 30_000 }),
      events: await cost(server, { target, kind: "watch", inFlight: 1_000, count: 1_000 }),
    }
  } finally {
    await server.stop()
  }
}

async function cost(server: RunningServer, job: LoadJob): Promise<LoadCost> {
  const before = await usageOf(server.pids)
  const result = await load(job)
  const after = await usageOf(server.pids)
  const each = job.kind === "watch" ? job.count * job.inFlight : job.count
  const cpuEachUs = ((after.cpuSeconds - before.cpuSeconds) / each) * 1e6
  return { ...result, cpuEachUs }
}

/** The client is a process of its own, so that it does not share our event loop. */
async function load(job: LoadJob): Promise<LoadResult> {
  const file = resolve(import.meta.dirname, "load.ts")
  const child = spawn(process.execPath, [file, JSON.stringify(job)], {
    stdio: ["ignore", "pipe", "inherit"],
  })
  const chunks: Buffer[] = []
  child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk))
  const [code] = (await once(child, "close")) as [number]
  if (code !== 0) throw new Error(`load ${job.kind}: the client ended with ${code}`)
  return JSON.parse(Buffer.concat(chunks).toString("utf8")) as LoadResult
}
