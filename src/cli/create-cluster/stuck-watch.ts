import type { Clock, Timer } from "#base"
import { explain, type Explanation, type ExplainedObject, type ObjectView } from "#explain"

/** What is stuck for so long does not mend itself: controllers set conditions in passing, too. */
const graceMs = 15_000

/** Notices when a cluster has come to a halt that only somebody else can end. */
export class StuckWatch {
  readonly #clock: Clock
  readonly #onStuck: (explanation: Explanation) => void
  #problem: string | undefined
  #timer: Timer | undefined

  constructor(clock: Clock, onStuck: (explanation: Explanation) => void) {
    this.#clock = clock
    this.#onStuck = onStuck
  }

  /** Call after every change. */
  look(view: ObjectView, root: ExplainedObject): void {
    const explanation = explain(view, root)
    const problem = explanation.turn?.isStuck ? nameOf(explanation) : undefined
    if (problem === this.#problem) return
    this.stop()
    this.#problem = problem
    if (problem === undefined) return
    this.#timer = this.#clock.after(graceMs, () => this.#onStuck(explain(view, root)))
  }

  stop(): void {
    this.#timer?.cancel()
    this.#timer = undefined
    this.#problem = undefined
  }
}

function nameOf({ path, reason }: Explanation): string {
  return `${path.at(-1)?.title ?? ""} ${reason}`
}
