import { Registry } from "prom-client"
import type { Clock, Logger } from "#base"
import { Client } from "#client"
import type { ApiTransport, CacheSource } from "#meta"
import type { Access } from "./access.ts"
import { ControllerRunner } from "./controller-runner.ts"
import type { Controller } from "./define-controller.ts"
import type { KindResolver } from "./kind-resolver.ts"
import { ControllerMetrics } from "./metrics.ts"

export interface ManagerOptions {
  readonly controllers: readonly Controller[]
  /** The way to the API for one controller: each is a user of its own. */
  readonly transport: (access: Access) => ApiTransport
  /** Never older than what these transports were answered. */
  readonly caches: CacheSource
  readonly clock: Clock
  readonly log: Logger
  /** Needed by controllers that follow contract references. */
  readonly resolver?: KindResolver | undefined
  /** Where metrics go; nowhere when absent. */
  readonly registry?: Registry | undefined
}

/** Runs controllers together over one API. */
export class Manager {
  readonly #options: ManagerOptions
  readonly #runners: readonly ControllerRunner[]
  #progress = Promise.withResolvers<void>()

  constructor(options: ManagerOptions) {
    const { controllers, transport, caches, clock, log, resolver } = options
    const metrics = new ControllerMetrics(options.registry ?? new Registry())
    this.#options = options
    this.#runners = controllers.map(
      (controller) =>
        new ControllerRunner({
          controller,
          client: new Client(transport(controller.access), {
            fieldManager: controller.access.fieldManager,
          }),
          caches,
          clock,
          log,
          resolver,
          metrics,
          onProgress: () => this.#onProgress(),
        }),
    )
  }

  async start(): Promise<void> {
    for (const runner of this.#runners) await runner.start()
  }

  /** Ends all work that is being done before it resolves. */
  async stop(): Promise<void> {
    await Promise.all(this.#runners.map((runner) => runner.stop()))
    this.#onProgress()
  }

  /** Resolves when the manager is idle and stays so for a turn of the event loop. */
  async settled(): Promise<void> {
    for (let quietTurns = 0; quietTurns < 2;) {
      await nextTurn()
      if (this.#isIdle) {
        quietTurns += 1
      } else {
        quietTurns = 0
        await Promise.race([this.#progress.promise, nextTurn()])
      }
    }
  }

  /** True when no queue has something ready, nothing is in work, and no delayed object is due. */
  get #isIdle(): boolean {
    const nowMs = this.#options.clock.now()
    return this.#runners.every((runner) => runner.isIdle(nowMs))
  }

  #onProgress(): void {
    this.#progress.resolve()
    this.#progress = Promise.withResolvers<void>()
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
