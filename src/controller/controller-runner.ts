import type { Clock, LogFields, Logger, Timer } from "#base"
import type { Client } from "#client"
import {
  type ApiObject,
  type CacheSource,
  keyText,
  type KindRef,
  type ObjectCache,
  type ObjectKey,
} from "#meta"
import { AccessError, kindName } from "./access.ts"
import { ControllerContext } from "./controller-context.ts"
import type { Controller } from "./define-controller.ts"
import { EventRecorder } from "./event-recorder.ts"
import type { KindResolver } from "./kind-resolver.ts"
import type { ControllerMetrics, ReconcileLabel } from "./metrics.ts"
import { TerminalError } from "./outcome.ts"
import { parseKey } from "./parse-key.ts"
import { type ErasedDefinition, reconcile, type ReconcileReport } from "./reconcile.ts"
import { TriggerFollower } from "./trigger-follower.ts"
import { WorkQueue } from "./work-queue.ts"

export interface ControllerRunnerOptions {
  readonly controller: Controller
  readonly client: Client
  readonly caches: CacheSource
  readonly clock: Clock
  readonly log: Logger
  readonly resolver: KindResolver | undefined
  readonly metrics: ControllerMetrics
  /** Called whenever a piece of work ends. */
  readonly onProgress: () => void
}

const firstRetryMs = 10
const lastRetryMs = 60_000
/**
 * Failures that are retried later than this are errors to a reader of the log, others are noise.
 */
const loudRetryMs = 1_000

/** Runs one controller: triggers fill its queue, workers empty it. */
export class ControllerRunner {
  readonly #name: string
  readonly #options: ControllerRunnerOptions
  readonly #definition: ErasedDefinition
  readonly #log: Logger
  readonly #queue = new WorkQueue({ firstRetryMs, lastRetryMs })
  readonly #triggers: TriggerFollower
  readonly #recorder: EventRecorder
  readonly #stop = new AbortController()
  readonly #caches = new Map<string, ObjectCache<ApiObject>>()
  readonly #waits = new Map<string, readonly string[]>()
  readonly #context: ControllerContext
  #timer: { readonly handle: Timer; readonly dueMs: number } | undefined
  #isPumpScheduled = false
  #work = new Set<Promise<void>>()

  constructor(options: ControllerRunnerOptions) {
    const { controller, client, clock, log, resolver } = options
    const { access } = controller
    this.#name = access.name
    this.#options = options
    this.#definition = controller.definition as unknown as ErasedDefinition
    this.#log = log.child({ controller: access.name })
    const component = client.fieldManager
    this.#recorder = new EventRecorder({ client, component, clock, log: this.#log })
    this.#context = new ControllerContext({
      access,
      client,
      clock,
      log: this.#log,
      recorder: this.#recorder,
      resolver,
      signal: this.#stop.signal,
      caches: this.#caches,
      onReference: (primary, reference) => this.#triggers.addReference(primary, reference),
      openExternal: (kind) => this.#triggers.openExternal(kind),
    })
    this.#triggers = new TriggerFollower({
      context: this.#context,
      source: options.caches,
      log: this.#log,
      enqueue: (key) => this.#enqueue(key),
    })
  }

  /** Opens the caches, follows the triggers and looks at every object that is there. */
  async start(): Promise<void> {
    const { access } = this.#options.controller
    for (const kind of [access.primary, ...access.reads]) {
      const cache = await this.#options.caches.cache(kind as KindRef<ApiObject>)
      this.#caches.set(kindName(kind), cache)
    }
    this.#options.metrics.initialise(this.#name)
    const primaries = this.#context.cache(access.primary)
    this.#triggers.followPrimary(primaries)
    for (const trigger of this.#definition.triggers ?? []) this.#triggers.follow(trigger)
    for (const object of primaries.list()) this.#queue.add(keyText(object.metadata), "sweep")
    this.#schedulePump()
  }

  /** Stops taking work and waits for what is being done. */
  async stop(): Promise<void> {
    this.#stop.abort()
    this.#triggers.stop()
    this.#timer?.handle.cancel()
    await Promise.all(this.#work)
    await this.#recorder.flush()
  }

  /** True when nothing is ready, in work, or due at that time. */
  isIdle(nowMs: number): boolean {
    return (
      this.#queue.activeCount === 0 &&
      this.#recorder.pendingCount === 0 &&
      !this.#queue.hasReady(nowMs)
    )
  }

  #enqueue(key: ObjectKey): void {
    this.#queue.add(keyText(key))
    this.#schedulePump()
  }

  /**
   * Work starts in a turn of its own, a few objects at a time, so that the loop stays responsive.
   */
  #schedulePump(): void {
    if (this.#isPumpScheduled || this.#stop.signal.aborted) return
    this.#isPumpScheduled = true
    setImmediate(() => {
      this.#isPumpScheduled = false
      this.#pump()
    })
  }

  #pump(): void {
    const { concurrency = 10 } = this.#definition
    while (!this.#stop.signal.aborted && this.#queue.activeCount < concurrency) {
      const key = this.#queue.take(this.#options.clock.now())
      if (key === undefined) break
      const work = this.#process(key).finally(() => {
        this.#work.delete(work)
        this.#queue.finish(key)
        this.#schedulePump()
        this.#options.onProgress()
      })
      this.#work.add(work)
    }
    this.#options.metrics.setQueue(this.#name, this.#queue.depth, this.#queue.activeCount)
    this.#arm()
  }

  #arm(): void {
    const dueMs = this.#queue.nextDueMs
    if (dueMs === this.#timer?.dueMs) return
    this.#timer?.handle.cancel()
    this.#timer = undefined
    if (dueMs === undefined || this.#stop.signal.aborted) return
    const { clock } = this.#options
    const handle = clock.after(dueMs - clock.now(), () => {
      this.#timer = undefined
      this.#schedulePump()
    })
    this.#timer = { handle, dueMs }
  }

  async #process(key: string): Promise<void> {
    const { clock, metrics, controller } = this.#options
    const startedMs = clock.now()
    const { namespace, name } = parseKey(key)
    const object = this.#context.cache(controller.access.primary).get(namespace, name)
    if (!object) {
      this.#triggers.setReferences(key, new Set())
      this.#queue.forget(key)
      this.#setWaits(key, [])
      return
    }
    const report = await reconcile(this.#context, this.#definition, object)
    this.#triggers.setReferences(key, report.references)
    this.#setWaits(
      key,
      report.waits.map((wait) => wait.reason),
    )
    const label = this.#settle(key, object, report)
    metrics.observe(this.#name, label, (clock.now() - startedMs) / 1000)
  }

  /** Files the key for its next look, if any. */
  #settle(key: string, object: ApiObject, report: ReconcileReport): ReconcileLabel {
    const nowMs = this.#options.clock.now()
    if (report.hasConflict) {
      this.#queue.retrySoon(key, nowMs)
      return "conflict"
    }
    if (report.error) return this.#settleError(key, object, report)
    this.#queue.forget(key)
    const delaysMs = report.waits.map((wait) => wait.afterMs).filter((ms) => ms !== undefined)
    if (delaysMs.length > 0) this.#queue.addAt(key, nowMs + Math.min(...delaysMs))
    if (report.waits.length === 0) return "success"
    return delaysMs.length > 0 ? "requeue" : "wait"
  }

  #settleError(key: string, object: ApiObject, report: ReconcileReport): ReconcileLabel {
    const { error, failedPhase } = report
    const { kind, metadata } = object
    const fields = {
      object: { kind, namespace: metadata.namespace, name: metadata.name },
      phase: failedPhase,
      error: error && describeError(error),
    }
    if (error instanceof TerminalError || error instanceof AccessError) {
      this.#log.error("reconcile failed for good", fields)
      this.#queue.forget(key)
      return "terminal"
    }
    const retryMs = this.#queue.retry(key, this.#options.clock.now())
    if (retryMs < loudRetryMs) this.#log.info("reconcile failed", { ...fields, retryMs })
    else this.#log.error("reconcile keeps failing", { ...fields, retryMs })
    return "error"
  }

  #setWaits(key: string, reasons: readonly string[]): void {
    this.#options.metrics.moveWaits(this.#name, this.#waits.get(key) ?? [], reasons)
    if (reasons.length === 0) this.#waits.delete(key)
    else this.#waits.set(key, reasons)
  }
}

function describeError(error: Error): LogFields {
  const { name, message, stack, cause } = error
  return {
    name,
    message,
    stack,
    ...(cause instanceof Error ? { cause: describeError(cause) } : {}),
  }
}
