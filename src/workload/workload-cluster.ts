import { Backoff, type Clock, type Logger, messageOf, sleep, type Timer } from "#base"
import { type Namespace, NamespaceKind, type Node, NodeKind } from "#apis"
import { Client, ConnectionError, InformerSource } from "#client"
import { ApiError, type CacheEvent, type ObjectKey } from "#meta"
import { parseKubeconfig, PkiError } from "#pki"
import type { Dial } from "./dial.ts"
import {
  type Connected,
  type Disconnected,
  type DisconnectedReason,
  type WorkloadEvent,
  type WorkloadState,
  WorkloadUnavailableError,
} from "./workload-state.ts"

export interface WorkloadClusterOptions {
  readonly key: ObjectKey
  readonly dial: Dial
  readonly clock: Clock
  readonly log: Logger
  readonly onEvent: (event: WorkloadEvent) => void
}

const probeIntervalMs = 10_000
const failuresUntilLost = 5
/** A cluster that comes up is not reached at first: only one that stays away is news. */
const quietDelayMs = 8_000
const syncTimeoutMs = 30_000
const fieldManager = "mothership"

interface Session {
  readonly state: Connected
  end(): Promise<void>
}

/**
 * The connection to one workload cluster: made from its kubeconfig, probed every 10 s, given up
 * after five failed probes or one refused credential, tried again with growing delays.
 */
export class WorkloadCluster {
  readonly key: ObjectKey
  readonly #options: WorkloadClusterOptions
  readonly #log: Logger
  readonly #backoff = new Backoff({ firstMs: 1_000, maxMs: 30_000 })
  #state: WorkloadState = disconnected("NoKubeconfig", "there is no kubeconfig yet")
  #kubeconfig: string | undefined
  #run: { readonly abort: AbortController; readonly ended: Promise<void> } | undefined
  #wake: (() => void) | undefined
  #lastProbeMs: number | undefined
  readonly #startMs: number

  constructor(options: WorkloadClusterOptions) {
    this.key = options.key
    this.#options = options
    this.#startMs = options.clock.now()
    this.#log = options.log.child({ cluster: options.key })
  }

  get state(): WorkloadState {
    return this.#state
  }

  /** When the API server answered last; undefined when it never has since this process began. */
  get lastProbeMs(): number | undefined {
    return this.#lastProbeMs
  }

  /** From when on its silence counts: its last answer, or when this process began to ask. */
  get silentSinceMs(): number {
    return this.#lastProbeMs ?? this.#startMs
  }

  /** The connection. Throws `WorkloadUnavailableError` when there is none. */
  connected(): Connected {
    if (this.#state.kind === "connected") return this.#state
    throw new WorkloadUnavailableError(this.key, this.#state)
  }

  /** Connects with another kubeconfig, at once; with the same one nothing happens. */
  use(kubeconfig: string | undefined): void {
    if (kubeconfig === this.#kubeconfig) return
    this.#kubeconfig = kubeconfig
    const previous = this.#end()
    this.#backoff.reset()
    if (kubeconfig === undefined) {
      this.#set(disconnected("NoKubeconfig", "there is no kubeconfig"))
      return
    }
    this.#set(disconnected("Connecting", "the connection is being made"))
    const abort = new AbortController()
    const ended = previous.then(() => this.#keepConnected(kubeconfig, abort.signal))
    this.#run = { abort, ended }
  }

  /** Does not wait any longer for the next attempt, when there is reason to hope. */
  retryNow(): void {
    this.#backoff.reset()
    this.#wake?.()
  }

  async stop(): Promise<void> {
    this.#kubeconfig = undefined
    await this.#end()
  }

  async #end(): Promise<void> {
    const run = this.#run
    this.#run = undefined
    run?.abort.abort()
    await run?.ended
  }

  async #keepConnected(kubeconfig: string, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const problem = await this.#connectOnce(kubeconfig, signal)
      if (signal.aborted) return
      this.#set(problem)
      const delayMs = this.#backoff.nextMs()
      const level = delayMs < quietDelayMs ? "debug" : "info"
      this.#log[level]("workload cluster is not reached", { ...problem, delayMs })
      await this.#pause(delayMs, signal)
    }
  }

  /** Connects and stays connected as long as the server answers; answers why that ended. */
  async #connectOnce(kubeconfig: string, signal: AbortSignal): Promise<Disconnected> {
    let session: Session | undefined
    try {
      session = await this.#open(kubeconfig, signal)
      if (signal.aborted) return problemOf(signal.reason)
      this.#backoff.reset()
      this.#set(session.state)
      await this.#probeWhileAlive(session.state.client, signal)
      return disconnected("Unreachable", "the connection was closed")
    } catch (error) {
      return problemOf(error)
    } finally {
      await session?.end()
    }
  }

  async #open(kubeconfig: string, signal: AbortSignal): Promise<Session> {
    const { clock, dial, onEvent } = this.#options
    const dialed = dial(parseKubeconfig(kubeconfig), clock)
    const source = new InformerSource({ transport: dialed.transport, clock, log: this.#log })
    signal.addEventListener("abort", () => dialed.close(), { once: true })
    const end = async (): Promise<void> => {
      dialed.close()
      await source.stop()
    }
    try {
      const client = new Client(source.follow(dialed.transport), { fieldManager })
      await this.#probe(client)
      const nodes = await this.#inTime(source.cache(NodeKind), signal)
      nodes.subscribe((event: CacheEvent<Node>) => {
        const { object: node, old } = event
        if (!signal.aborted) onEvent({ type: "node", cluster: this.key, node, old })
      })
      return { state: { kind: "connected", client, nodes }, end }
    } catch (error) {
      await end()
      throw error
    }
  }

  async #probeWhileAlive(client: Client, signal: AbortSignal): Promise<void> {
    for (let failures = 0; ;) {
      await sleep(this.#options.clock, probeIntervalMs, signal)
      try {
        await this.#probe(client)
        failures = 0
      } catch (error) {
        if (signal.aborted) throw error
        failures += 1
        if (isUnauthorized(error) || failures >= failuresUntilLost) throw error
      }
    }
  }

  /** Any answer but a refused credential or a server's failure is a sign of life. */
  async #probe(client: Client): Promise<void> {
    try {
      await client.find<Namespace>(NamespaceKind, { name: "kube-system" })
    } catch (error) {
      if (!(error instanceof ApiError) || isUnauthorized(error) || error.code >= 500) throw error
    }
    this.#lastProbeMs = this.#options.clock.now()
  }

  async #inTime<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
    const { clock } = this.#options
    const late = Promise.withResolvers<never>()
    const timer: Timer = clock.after(syncTimeoutMs, () =>
      late.reject(new ConnectionError("the Nodes were not listed in time")),
    )
    const onAbort = (): void => late.reject(new ConnectionError("the connection was given up"))
    signal.addEventListener("abort", onAbort, { once: true })
    try {
      return await Promise.race([promise, late.promise])
    } finally {
      timer.cancel()
      signal.removeEventListener("abort", onAbort)
    }
  }

  async #pause(delayMs: number, signal: AbortSignal): Promise<void> {
    const woken = new AbortController()
    const isOver = AbortSignal.any([signal, woken.signal])
    this.#wake = () => woken.abort()
    await sleep(this.#options.clock, delayMs, isOver).catch(() => {})
    this.#wake = undefined
  }

  #set(state: WorkloadState): void {
    const before = this.#state
    this.#state = state
    const isNews =
      state.kind === "connected" ||
      before.kind === "connected" ||
      before.reason !== state.reason ||
      before.message !== state.message
    if (isNews) this.#options.onEvent({ type: "connection", cluster: this.key })
  }
}

function disconnected(reason: DisconnectedReason, message: string): Disconnected {
  return { kind: "disconnected", reason, message }
}

function problemOf(error: unknown): Disconnected {
  if (error instanceof PkiError) return disconnected("InvalidKubeconfig", error.message)
  if (isUnauthorized(error)) return disconnected("Unauthorized", messageOf(error))
  return disconnected("Unreachable", messageOf(error))
}

function isUnauthorized(error: unknown): boolean {
  return error instanceof ApiError && error.code === 401
}
