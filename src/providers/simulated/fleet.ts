import { createServer } from "node:net"
import { randomHex } from "#base"
import { keyText, type ObjectKey } from "#meta"
import type { SimulatedMachine } from "./cluster-objects.ts"
import { SimulatedCluster, type SimulatedClusterOptions } from "./simulated-cluster.ts"

const firstPort = 20_000
const portCount = 10_000

/** All simulated clusters of this process that are up. */
export class SimulatedFleet {
  readonly #clusters = new Map<string, Promise<SimulatedCluster>>()
  readonly #reserved = new Map<number, string>()
  /** Two planes on one machine look for ports in different places, or they would race for each. */
  readonly #startOffset = Number.parseInt(randomHex(4), 16) % portCount

  /** The cluster, if its control plane is up. */
  async find(key: ObjectKey): Promise<SimulatedCluster | undefined> {
    return await this.#clusters.get(keyText(key))
  }

  /** Starts the cluster unless it is up. `machines` is asked only for a start. */
  async ensure(
    key: ObjectKey,
    options: () => Promise<SimulatedClusterOptions>,
    machines: () => readonly SimulatedMachine[],
  ): Promise<SimulatedCluster> {
    const name = keyText(key)
    const known = this.#clusters.get(name)
    if (known) return await known
    const starting = options().then((facts) => SimulatedCluster.start(facts, machines()))
    this.#clusters.set(name, starting)
    try {
      return await starting
    } catch (error) {
      this.#clusters.delete(name)
      throw error
    }
  }

  /** Stops the cluster if it is up. */
  async remove(key: ObjectKey): Promise<void> {
    const name = keyText(key)
    const starting = this.#clusters.get(name)
    this.#clusters.delete(name)
    const cluster = await starting?.catch(() => undefined)
    await cluster?.stop()
  }

  /**
   * A port of loopback that no cluster has and that can be listened on; the same cluster keeps its
   * own.
   */
  async reservePort(key: ObjectKey, taken: ReadonlySet<number>): Promise<number> {
    const name = keyText(key)
    for (const [port, holder] of this.#reserved) if (holder === name) return port
    for (let offset = 0; offset < portCount; offset += 1) {
      const port = firstPort + ((this.#startOffset + offset) % portCount)
      if (taken.has(port) || this.#reserved.has(port)) continue
      this.#reserved.set(port, name)
      if (await canListen(port)) return port
      this.#reserved.delete(port)
    }
    throw new Error(`reserve port: all of ${firstPort} to ${firstPort + portCount - 1} are taken`)
  }

  releasePort(key: ObjectKey): void {
    const name = keyText(key)
    for (const [port, holder] of this.#reserved) {
      if (holder === name) this.#reserved.delete(port)
    }
  }

  async stop(): Promise<void> {
    const clusters = await Promise.allSettled(this.#clusters.values())
    this.#clusters.clear()
    const running = clusters.filter((cluster) => cluster.status === "fulfilled")
    await Promise.all(running.map((cluster) => cluster.value.stop()))
  }
}

function canListen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once("error", () => resolve(false))
    probe.listen(port, "127.0.0.1", () => probe.close(() => resolve(true)))
  })
}
