import { Counter, Gauge, Histogram, type Registry } from "prom-client"

export type ReconcileLabel = "success" | "wait" | "requeue" | "conflict" | "error" | "terminal"

const resultLabels: readonly ReconcileLabel[] = [
  "success",
  "wait",
  "requeue",
  "conflict",
  "error",
  "terminal",
]

/** What every controller measures, in one registry. */
export class ControllerMetrics {
  readonly #reconciles: Counter
  readonly #seconds: Histogram
  readonly #depth: Gauge
  readonly #active: Gauge
  readonly #waiting: Gauge

  constructor(registry: Registry) {
    const registers = [registry]
    this.#reconciles = new Counter({
      name: "mothership_controller_reconcile_total",
      help: "Reconciles by controller and result.",
      labelNames: ["controller", "result"],
      registers,
    })
    this.#seconds = new Histogram({
      name: "mothership_controller_reconcile_seconds",
      help: "How long reconciles took.",
      labelNames: ["controller"],
      buckets: [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30],
      registers,
    })
    this.#depth = new Gauge({
      name: "mothership_controller_queue_depth",
      help: "Objects that wait for a free worker.",
      labelNames: ["controller"],
      registers,
    })
    this.#active = new Gauge({
      name: "mothership_controller_active_workers",
      help: "Objects that are worked on.",
      labelNames: ["controller"],
      registers,
    })
    this.#waiting = new Gauge({
      name: "mothership_controller_waiting_objects",
      help: "Objects whose last reconcile ended in a wait, by its reason.",
      labelNames: ["controller", "reason"],
      registers,
    })
  }

  /** Every result shows from the start. */
  initialise(controller: string): void {
    for (const result of resultLabels) this.#reconciles.inc({ controller, result }, 0)
  }

  observe(controller: string, result: ReconcileLabel, seconds: number): void {
    this.#reconciles.inc({ controller, result })
    this.#seconds.observe({ controller }, seconds)
  }

  setQueue(controller: string, depth: number, active: number): void {
    this.#depth.set({ controller }, depth)
    this.#active.set({ controller }, active)
  }

  /** Moves one object from the reasons it waited for to the ones it waits for now. */
  moveWaits(controller: string, before: readonly string[], after: readonly string[]): void {
    for (const reason of before) this.#waiting.dec({ controller, reason })
    for (const reason of after) this.#waiting.inc({ controller, reason })
  }
}
