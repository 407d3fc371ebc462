/** A client process of its own: reads a job as JSON from argv, prints its result as JSON. */
import { type ClientHttp2Session, connect } from "node:http2"
import type { Target } from "../servers.ts"

export interface LoadJob {
  readonly target: Target
  readonly kind: "create" | "get" | "watch"
  readonly inFlight: number
  readonly count: number
}

export interface LoadResult {
  readonly perSecond: number
  readonly p99Ms: number
}

/** Fewer streams than any server lets one connection have. */
const watchersPerConnection = 64
const windowBytes = 16 * 1024 * 1024
const collection = "/api/v1/namespaces/default/configmaps"
const body = JSON.stringify({ note: "x".repeat(500) })

function open({ url, certificatePem, keyPem }: Target): ClientHttp2Session {
  const session = connect(url, {
    rejectUnauthorized: false,
    ...(certificatePem ? { cert: certificatePem } : {}),
    ...(keyPem ? { key: keyPem } : {}),
  })
  session.once("connect", () => session.setLocalWindowSize(windowBytes))
  session.on("error", () => {})
  return session
}

function send(
  session: ClientHttp2Session,
  target: Target,
  call: { readonly method: string; readonly path: string; readonly body?: string },
): Promise<number> {
  return new Promise((resolve, reject) => {
    const stream = session.request({
      ":method": call.method,
      ":path": call.path,
      accept: "application/json",
      ...(call.body ? { "content-type": "application/json" } : {}),
      ...(target.token ? { authorization: `Bearer ${target.token}` } : {}),
    })
    let status = 0
    stream.on("response", (headers) => {
      status = headers[":status"] ?? 0
    })
    stream.on("error", reject)
    stream.on("end", () => resolve(status))
    stream.resume()
    stream.end(call.body)
  })
}

function configMap(name: string): string {
  return JSON.stringify({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name },
    data: { body },
  })
}

async function requests(job: LoadJob, session: ClientHttp2Session): Promise<LoadResult> {
  const run = `${job.kind}-${process.pid}`
  const latenciesMs: number[] = []
  let next = 0
  const startedAt = performance.now()
  const worker = async (): Promise<void> => {
    while (next < job.count) {
      const index = next++
      const begunAt = performance.now()
      const call =
        job.kind === "create"
          ? { method: "POST", path: collection, body: configMap(`${run}-${index}`) }
          : { method: "GET", path: `${collection}/target` }
      const status = await send(session, job.target, call)
      if (status !== 200 && status !== 201) throw new Error(`${job.kind}: answer ${status}`)
      latenciesMs.push(performance.now() - begunAt)
    }
  }
  await Promise.all(Array.from({ length: job.inFlight }, worker))
  const seconds = (performance.now() - startedAt) / 1000
  latenciesMs.sort((left, right) => left - right)
  return {
    perSecond: job.count / seconds,
    p99Ms: latenciesMs[Math.floor(latenciesMs.length * 0.99)] ?? 0,
  }
}

/**
 * `inFlight` watchers over a few connections; `count` objects are created and every event counted.
 */
async function watches(job: LoadJob): Promise<LoadResult> {
  const connections = Math.ceil(job.inFlight / watchersPerConnection)
  const sessions = Array.from({ length: connections }, () => open(job.target))
  const run = `watch-${process.pid}`
  const expected = job.count * job.inFlight
  let received = 0
  const finished = Promise.withResolvers<void>()
  const watcher = async (index: number): Promise<void> => {
    const session = sessions[index % sessions.length]
    const stream = session?.request({
      ":path": `${collection}?watch=true&resourceVersion=${version}&labelSelector=run%3D${run}`,
      ...(job.target.token ? { authorization: `Bearer ${job.target.token}` } : {}),
    })
    if (!stream) return
    const answered = Promise.withResolvers<void>()
    stream.on("response", () => answered.resolve())
    stream.on("error", () => {})
    stream.on("data", (chunk: Buffer) => {
      for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) received += 1
      if (received >= expected) finished.resolve()
    })
    await answered.promise
  }
  const version = await newestVersion(job)
  await Promise.all(Array.from({ length: job.inFlight }, (_item, index) => watcher(index)))
  const writer = open(job.target)
  const startedAt = performance.now()
  for (let index = 0; index < job.count; index += 10) {
    await Promise.all(
      Array.from({ length: 10 }, (_item, offset) =>
        send(writer, job.target, {
          method: "POST",
          path: collection,
          body: JSON.stringify({
            apiVersion: "v1",
            kind: "ConfigMap",
            metadata: { name: `${run}-${index + offset}`, labels: { run } },
            data: { body },
          }),
        }),
      ),
    )
  }
  await finished.promise
  const seconds = (performance.now() - startedAt) / 1000
  for (const session of [...sessions, writer]) session.destroy()
  return { perSecond: received / seconds, p99Ms: 0 }
}

async function newestVersion(job: LoadJob): Promise<string> {
  const session = open(job.target)
  const stream = session.request({
    ":path": `${collection}?limit=1`,
    ...(job.target.token ? { authorization: `Bearer ${job.target.token}` } : {}),
  })
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk as Buffer)
  session.destroy()
  const list = JSON.parse(Buffer.concat(chunks).toString("utf8")) as {
    readonly metadata: { readonly resourceVersion: string }
  }
  return list.metadata.resourceVersion
}

const job = JSON.parse(process.argv[2] ?? "{}") as LoadJob
if (job.kind === "watch") {
  console.log(JSON.stringify(await watches(job)))
} else {
  const session = open(job.target)
  if (job.kind === "get") {
    await send(session, job.target, { method: "POST", path: collection, body: configMap("target") })
  }
  console.log(JSON.stringify(await requests(job, session)))
  session.destroy()
}
process.exit(0)
