import type { RemoteMachineBootstrap } from "#apis"
import type { JournalEvent, StepStatus } from "#remote"

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] }

/** How far a host is: read once as a whole, then kept up to date by its journal. */
export class PlanProgress {
  #steps: Mutable<StepStatus>[] = []
  #hasMore = false
  #endedAt: string | undefined

  /** Takes the state as the host told it; `hasMore` says that a plan is to follow these steps. */
  seed(steps: readonly StepStatus[], hasMore: boolean): void {
    this.#steps = steps.map((step) => ({ ...step }))
    this.#hasMore = hasMore
    this.#endedAt = undefined
  }

  /** Takes what the plan says that is under way, which is the last. */
  apply(event: JournalEvent): void {
    if (event.type === "ended") this.#endedAt = event.at
    if (!("step" in event)) return
    const step = this.#steps.findLast(({ name }) => name === event.step)
    if (!step) return
    if (event.type === "started") {
      step.state = "running"
      step.attempts = event.attempt
      step.startedAt = event.at
      step.finishedAt = undefined
    } else if (event.type === "finished") {
      step.state = event.exitCode === 0 ? "done" : "failed"
      step.finishedAt = event.at
      step.exitCode = event.exitCode
    } else if (event.type === "interrupted") {
      step.state = "interrupted"
      step.finishedAt = event.at
    }
  }

  /** As `status.bootstrap` shows it; undefined before anything is known. */
  summary(): RemoteMachineBootstrap | undefined {
    const steps = this.#steps
    const current = steps.find(({ state }) => state !== "done")
    const last = current ?? steps.at(-1)
    if (!last) return undefined
    const startedAt = steps.find((step) => step.startedAt !== undefined)?.startedAt
    const isOver = current === undefined && !this.#hasMore
    const finishedAt = isOver ? (this.#endedAt ?? last.finishedAt) : undefined
    return {
      attempt: Math.max(1, ...steps.map(({ attempts }) => attempts)),
      currentStep: last.name,
      stepsDone: steps.filter(({ state }) => state === "done").length,
      stepsTotal: steps.length,
      ...(startedAt === undefined ? {} : { startedAt }),
      ...(finishedAt === undefined ? {} : { finishedAt }),
      message: this.#sentence(current),
    }
  }

  #sentence(current: StepStatus | undefined): string {
    if (current) return sentenceOf(current)
    return this.#hasMore ? "the artifact set is installed" : "all steps are done"
  }
}

function sentenceOf({ title, state, attempts, exitCode }: StepStatus): string {
  const again = attempts > 1 ? `, attempt ${attempts}` : ""
  if (state === "running") return `${title} is running${again}`
  if (state === "failed") return `${title} exited with code ${exitCode ?? "unknown"}${again}`
  if (state === "interrupted") return `${title} was interrupted${again}`
  return `${title} comes next`
}
