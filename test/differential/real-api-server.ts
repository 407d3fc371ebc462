import { type ChildProcess, spawn } from "node:child_process"
import { generateKeyPairSync, randomBytes } from "node:crypto"
import { once } from "node:events"
import { createWriteStream } from "node:fs"
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises"
import { Agent, request } from "node:https"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as delay } from "node:timers/promises"
import { labBinary } from "../../lab/paths.ts"

interface RealResponse {
  readonly code: number
  /** The body as JSON; a string when it is none. */
  readonly body: unknown
}

interface RealRequest {
  readonly method: string
  readonly path: string
  readonly body?: unknown
  readonly contentType?: string | undefined
}

/** A kube-apiserver over an etcd of its own, on loopback, without controllers. */
export interface RealApiServer {
  send(call: RealRequest): Promise<RealResponse>
  /** Sends until the answer has that code; rejects after a minute. */
  sendUntil(call: RealRequest, code: number): Promise<RealResponse>
  stop(): Promise<void>
  readonly port: number
  /** Bearer token of a superuser. */
  readonly token: string
  readonly pids: readonly number[]
  /** Milliseconds from the start of kube-apiserver until it was ready. */
  readonly startMs: number
}

export interface RealApiServerOptions {
  /** Writes reach the disk before they are answered; off by default, as tests do not need it. */
  readonly durable?: boolean | undefined
}

/** True when the lab has built what `startRealApiServer` runs. */
export function hasRealApiServer(): boolean {
  return labBinary("etcd") !== undefined && labBinary("kube-apiserver") !== undefined
}

/** Starts both programs and resolves when the server answers that it is ready. */
export async function startRealApiServer(
  options: RealApiServerOptions = {},
): Promise<RealApiServer> {
  const directory = await mkdtemp(join(tmpdir(), "real-api-server-"))
  const children: ChildProcess[] = []
  const stop = async (): Promise<void> => {
    await Promise.all(children.map(terminate))
    await rm(directory, { recursive: true, force: true })
  }
  try {
    const etcd = await startEtcd(directory, children, options.durable === true)
    const startedAt = performance.now()
    const { port, token } = await startServer(directory, etcd, children)
    const agent = new Agent({ keepAlive: true, rejectUnauthorized: false })
    const send = (call: RealRequest): Promise<RealResponse> =>
      exchange({ agent, port, token }, call)
    await waitUntilReady(send, directory)
    return {
      port,
      token,
      pids: children.map((child) => child.pid ?? 0),
      startMs: performance.now() - startedAt,
      send,
      sendUntil: (call, code) => sendUntil(send, call, code),
      stop: async () => {
        agent.destroy()
        await stop()
      },
    }
  } catch (error) {
    await stop()
    throw error
  }
}

async function terminate(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, "exit")
  child.kill("SIGKILL")
  await exited
}

async function freePort(): Promise<number> {
  const server = createServer()
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  const address = server.address()
  server.close()
  await once(server, "close")
  if (typeof address !== "object" || address === null) throw new Error("find port: no address")
  return address.port
}

function run(
  name: string,
  options: { readonly directory: string; readonly children: ChildProcess[] },
  flags: Readonly<Record<string, string>>,
): void {
  const path = labBinary(name)
  if (!path) throw new Error(`start ${name}: the lab has not built it`)
  const args = Object.entries(flags).map(([flag, value]) => `--${flag}=${value}`)
  const child = spawn(path, args, { stdio: ["ignore", "pipe", "pipe"], cwd: options.directory })
  const log = createWriteStream(join(options.directory, `${name}.log`))
  child.stdout.pipe(log)
  child.stderr.pipe(log)
  options.children.push(child)
}

async function startEtcd(
  directory: string,
  children: ChildProcess[],
  isDurable: boolean,
): Promise<string> {
  const client = `http://127.0.0.1:${await freePort()}`
  const peer = `http://127.0.0.1:${await freePort()}`
  run(
    "etcd",
    { directory, children },
    {
      "data-dir": join(directory, "etcd"),
      "listen-client-urls": client,
      "advertise-client-urls": client,
      "listen-peer-urls": peer,
      "initial-advertise-peer-urls": peer,
      "initial-cluster": `default=${peer}`,
      "unsafe-no-fsync": String(!isDurable),
    },
  )
  return client
}

async function startServer(
  directory: string,
  etcd: string,
  children: ChildProcess[],
): Promise<{ port: number; token: string }> {
  const port = await freePort()
  const token = randomBytes(16).toString("hex")
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 })
  const key = join(directory, "service-account.key")
  const tokens = join(directory, "tokens.csv")
  await writeFile(key, privateKey.export({ type: "pkcs8", format: "pem" }))
  await writeFile(tokens, `${token},admin,admin,"system:masters"\n`)
  run(
    "kube-apiserver",
    { directory, children },
    {
      "etcd-servers": etcd,
      "bind-address": "127.0.0.1",
      "secure-port": String(port),
      "cert-dir": join(directory, "certificates"),
      "token-auth-file": tokens,
      "authorization-mode": "RBAC",
      "service-account-issuer": "https://kubernetes.default.svc",
      "service-account-key-file": key,
      "service-account-signing-key-file": key,
      "service-cluster-ip-range": "10.96.0.0/16",
      "disable-admission-plugins": "ServiceAccount",
    },
  )
  return { port, token }
}

type Send = RealApiServer["send"]

/**
 * What changes on the server is not announced to us before it is up, so this asks ten times a
 * second.
 */
async function sendUntil(send: Send, call: RealRequest, code: number): Promise<RealResponse> {
  let answer: RealResponse | undefined
  for (let attempt = 0; attempt < 600; attempt += 1) {
    answer = await send(call).catch(() => undefined)
    if (answer?.code === code) return answer
    await delay(100)
  }
  const seen = answer ? `${answer.code} ${JSON.stringify(answer.body)}` : "nothing"
  throw new Error(`wait for ${code} from ${call.method} ${call.path}: the answer is ${seen}`)
}

async function waitUntilReady(send: Send, directory: string): Promise<void> {
  try {
    await sendUntil(send, { method: "GET", path: "/readyz" }, 200)
  } catch (cause) {
    const log = await readFile(join(directory, "kube-apiserver.log"), "utf8").catch(() => "")
    throw new Error(`start kube-apiserver: it is not ready\n${log.slice(-3000)}`, { cause })
  }
}

interface Connection {
  readonly agent: Agent
  readonly port: number
  readonly token: string
}

function exchange({ agent, port, token }: Connection, call: RealRequest): Promise<RealResponse> {
  const { method, path, body, contentType = "application/json" } = call
  return new Promise((resolve, reject) => {
    const headers = {
      authorization: `Bearer ${token}`,
      accept: "application/json",
      ...(body === undefined ? {} : { "content-type": contentType }),
    }
    const outgoing = request(
      { agent, host: "127.0.0.1", port, method, path, headers },
      (answer) => {
        const chunks: Buffer[] = []
        answer.on("data", (chunk: Buffer) => chunks.push(chunk))
        answer.on("error", reject)
        answer.on("end", () => {
          const text = Buffer.concat(chunks).toString("utf8")
          resolve({ code: answer.statusCode ?? 0, body: parse(text) })
        })
      },
    )
    outgoing.on("error", reject)
    outgoing.end(body === undefined ? undefined : JSON.stringify(body))
  })
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return text
  }
}
