import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtemp, rm } from "node:fs/promises"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createInterface } from "node:readline"

const ready = "ready to serve client requests"
const largestRequestBytes = 8 * 1024 * 1024

/** One etcd member in a directory of its own, that can be killed and started again on its data. */
export class EtcdProcess {
  readonly endpoint: string
  readonly #program: string
  readonly #directory: string
  readonly #peer: string
  #child: ChildProcess | undefined

  static async start(program: string): Promise<EtcdProcess> {
    const directory = await mkdtemp(join(tmpdir(), "mothership-etcd-"))
    const [client, peer] = [await freePort(), await freePort()]
    const etcd = new EtcdProcess(program, directory, { client, peer })
    await etcd.#run()
    return etcd
  }

  private constructor(
    program: string,
    directory: string,
    ports: { readonly client: number; readonly peer: number },
  ) {
    this.#program = program
    this.#directory = directory
    this.endpoint = `http://127.0.0.1:${ports.client}`
    this.#peer = `http://127.0.0.1:${ports.peer}`
  }

  /** Kills it as a crash would, and starts it on what that left. */
  async crash(): Promise<void> {
    await this.#kill()
    await this.#run()
  }

  async stop(): Promise<void> {
    await this.#kill()
    await rm(this.#directory, { recursive: true, force: true })
  }

  async #run(): Promise<void> {
    const options = {
      name: "one",
      "data-dir": this.#directory,
      "listen-client-urls": this.endpoint,
      "advertise-client-urls": this.endpoint,
      "listen-peer-urls": this.#peer,
      "initial-advertise-peer-urls": this.#peer,
      "initial-cluster": `one=${this.#peer}`,
      "max-request-bytes": String(largestRequestBytes),
      "unsafe-no-fsync": "true",
    }
    const args = Object.entries(options).map(([name, value]) => `--${name}=${value}`)
    const child = spawn(this.#program, args, { stdio: ["ignore", "ignore", "pipe"] })
    this.#child = child
    const lines: string[] = []
    for await (const line of createInterface(child.stderr)) {
      lines.push(line)
      if (!line.includes(ready)) continue
      child.stderr.resume()
      return
    }
    throw new Error(`etcd did not start: ${lines.slice(-5).join("\n")}`)
  }

  async #kill(): Promise<void> {
    const child = this.#child
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, "exit")
    child.kill("SIGKILL")
    await ended
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1")
  await once(server, "listening")
  const address = server.address()
  server.close()
  await once(server, "close")
  if (address === null || typeof address === "string") throw new Error("no port was given")
  return address.port
}
