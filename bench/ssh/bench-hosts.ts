import { type ChildProcess, execFile, spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises"
import { connect } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as delay } from "node:timers/promises"
import { promisify } from "node:util"

const run = promisify(execFile)

const bridge = "mshipbench"
const network = "10.89.0"
const firstHost = 10
const namespaceOf = (index: number): string => `${bridge}-${index}`
const answerLimitMs = 60_000

/**
 * Hosts for a benchmark: an sshd each, in a network namespace on a bridge of its own, with its own
 * empty /var/lib, /run and /etc/machine-id. Needs root.
 */
export class BenchHosts {
  readonly addresses: readonly string[]
  readonly privateKey: string
  readonly #directory: string
  readonly #daemons: ChildProcess[] = []

  private constructor(directory: string, privateKey: string, count: number) {
    this.#directory = directory
    this.privateKey = privateKey
    this.addresses = Array.from({ length: count }, (_host, index) => addressOf(index))
  }

  static async start(count: number): Promise<BenchHosts> {
    const directory = await mkdtemp(join(tmpdir(), "bench-ssh-"))
    for (const name of ["client", "host"]) {
      await run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", join(directory, name)])
    }
    const privateKey = await readFile(join(directory, "client"), "utf8")
    const hosts = new BenchHosts(directory, privateKey, count)
    try {
      await hosts.#up()
      return hosts
    } catch (error) {
      await hosts.stop()
      throw error
    }
  }

  /** Takes everything away again, also what an earlier run has left behind. */
  async stop(): Promise<void> {
    for (const daemon of this.#daemons) {
      if (daemon.exitCode !== null || daemon.signalCode !== null) continue
      daemon.kill("SIGTERM")
      await once(daemon, "exit")
    }
    await removeNetwork()
    await rm(this.#directory, { recursive: true, force: true })
  }

  async #up(): Promise<void> {
    await removeNetwork()
    await ip(`link add ${bridge} type bridge`)
    await ip(`address add ${network}.1/24 dev ${bridge}`)
    await ip(`link set ${bridge} up`)
    await writeFile(join(this.#directory, "sshd_config"), this.#configuration())
    for (const [index, address] of this.addresses.entries()) await this.#host(index, address)
    await Promise.all(this.addresses.map((address) => answers(address)))
  }

  async #host(index: number, address: string): Promise<void> {
    const namespace = namespaceOf(index)
    const [outside, inside] = [`${bridge.slice(0, 6)}o${index}`, `${bridge.slice(0, 6)}i${index}`]
    await ip(`netns add ${namespace}`)
    await ip(`link add ${outside} type veth peer name ${inside}`)
    await ip(`link set ${outside} master ${bridge} up`)
    await ip(`link set ${inside} netns ${namespace} name eth0`)
    await ip(`-n ${namespace} address add ${address}/24 dev eth0`)
    await ip(`-n ${namespace} link set eth0 up`)
    await ip(`-n ${namespace} link set lo up`)
    const machineId = join(this.#directory, `machine-id-${index}`)
    await writeFile(machineId, `${String(index).padStart(32, "0")}\n`)
    const script = [
      "set -e",
      "mount -t tmpfs tmpfs /var/lib",
      "mount -t tmpfs tmpfs /run",
      `[ ! -e /etc/machine-id ] || mount --bind ${machineId} /etc/machine-id`,
      "mkdir -p /run/sshd",
      `exec setpriv --pdeathsig TERM /usr/sbin/sshd -D -e -f ${join(this.#directory, "sshd_config")}`,
    ].join("\n")
    const apart = ["unshare", "--mount", "--propagation", "private", "sh", "-c", script]
    this.#daemons.push(
      spawn("ip", ["netns", "exec", namespace, ...apart], {
        stdio: ["ignore", "ignore", "ignore"],
      }),
    )
  }

  #configuration(): string {
    return [
      "Port 22",
      `HostKey ${join(this.#directory, "host")}`,
      `AuthorizedKeysFile ${join(this.#directory, "client.pub")}`,
      "PidFile none",
      "StrictModes no",
      "UsePAM no",
      "PasswordAuthentication no",
      "PermitRootLogin yes",
      "MaxStartups 1000",
      "",
    ].join("\n")
  }
}

function addressOf(index: number): string {
  return `${network}.${firstHost + index}`
}

async function ip(words: string): Promise<void> {
  await run("ip", words.split(" "))
}

/** Removing a namespace removes its end of the wire, and with it the other end. */
async function removeNetwork(): Promise<void> {
  const { stdout } = await run("ip", ["-json", "netns", "list"])
  const known = JSON.parse(stdout.trim() || "[]") as readonly { readonly name: string }[]
  for (const { name } of known) {
    if (name.startsWith(`${bridge}-`)) await ip(`netns delete ${name}`)
  }
  await ip(`link delete ${bridge}`).catch(() => {})
}

async function answers(address: string): Promise<void> {
  const endMs = performance.now() + answerLimitMs
  while (performance.now() < endMs) {
    const socket = connect(22, address)
    const isThere = await new Promise<boolean>((resolve) => {
      socket.once("data", () => resolve(true))
      socket.once("error", () => resolve(false))
    })
    socket.destroy()
    if (isThere) return
    await delay(100)
  }
  throw new Error(`start host ${address}: its sshd does not answer`)
}
