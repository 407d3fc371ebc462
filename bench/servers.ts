import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtemp, readFile, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { setTimeout as delay } from "node:timers/promises"
import { startRealApiServer } from "../test/differential/real-api-server.ts"
import { parseKubeconfig } from "#pki"

/** How a load process reaches a server. */
export interface Target {
  readonly url: string
  readonly token?: string | undefined
  readonly certificatePem?: string | undefined
  readonly keyPem?: string | undefined
  readonly caPem?: string | undefined
}

export interface RunningServer {
  readonly target: Target
  readonly pids: readonly number[]
  /** Milliseconds from the start of the process to its first answer. */
  readonly startMs: number
  stop(): Promise<void>
}

const launcher = resolve(import.meta.dirname, "../mothership")

/** A plane as its users start one, on a directory of its own. */
export async function startPlane(): Promise<RunningServer> {
  const directory = await mkdtemp(join(tmpdir(), "bench-plane-"))
  const data = join(directory, "data")
  const startedAt = performance.now()
  const child = spawn(
    process.execPath,
    [launcher, "up", "--data-dir", data, "--listen", "127.0.0.1:0"],
    {
      stdio: ["ignore", "ignore", "inherit"],
    },
  )
  const target = await targetOf(join(data, "admin.kubeconfig"), child)
  const startMs = performance.now() - startedAt
  return {
    target,
    pids: [child.pid ?? 0],
    startMs,
    stop: async () => {
      child.kill("SIGTERM")
      if (child.exitCode === null) await once(child, "exit")
      await rm(directory, { recursive: true, force: true })
    },
  }
}

/** The kubeconfig is written once the server listens. */
async function targetOf(kubeconfig: string, child: ChildProcess): Promise<Target> {
  for (;;) {
    if (child.exitCode !== null) throw new Error("start plane: it has ended")
    const text = await readFile(kubeconfig, "utf8").catch(() => undefined)
    if (text !== undefined) {
      const { server, clientCertificatePem, clientKeyPem, caPem } = parseKubeconfig(text)
      return { url: server, certificatePem: clientCertificatePem, keyPem: clientKeyPem, caPem }
    }
    await delay(5)
  }
}

/** kube-apiserver over etcd, both writing to disk as in production. */
export async function startPeer(): Promise<RunningServer> {
  const peer = await startRealApiServer({ durable: true })
  return {
    target: { url: `https://127.0.0.1:${peer.port}`, token: peer.token },
    pids: peer.pids,
    startMs: peer.startMs,
    stop: () => peer.stop(),
  }
}
