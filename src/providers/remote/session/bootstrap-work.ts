import type { RemoteMachineBootstrap } from "#apis"
import { messageOf } from "#base"
import {
  follow,
  type FollowCursor,
  type Host,
  missingCommands,
  type Plan,
  type PlanStatus,
  PlanStateError,
  retry,
  start,
  status,
  type StreamContent,
  type UploadProgress,
} from "#remote"

import { type BootstrapPlanInput, bootstrapPlan } from "../plan/bootstrap-steps.ts"
import { neededCommands, preparesHost } from "../plan/known-commands.ts"
import { ProvisionError } from "../plan/provision-error.ts"
import type { SessionWork, WorkContext } from "./host-session.ts"
import { PlanProgress } from "./progress.ts"
import { PlanStoppedError } from "./session-state.ts"

export interface BootstrapInput extends BootstrapPlanInput {
  readonly claim: string
  readonly epoch: number
  /** Whose host this is, as other planes will show it. */
  readonly holder: string
  readonly openArtifact: (sha256: string) => Promise<StreamContent>
}

export interface RetryRequest {
  /** The request as it was written: tells one from the next. */
  readonly text: string
  readonly from?: string | undefined
  readonly markDone?: string | undefined
}

/** What became of a request for another attempt. */
export interface RetryAnswer {
  readonly text: string
  /** Why it was refused. */
  readonly error: string | undefined
}

const restartsMax = 5

/** Makes a host a node, and knows how far that is. */
export class BootstrapWork implements SessionWork {
  input: BootstrapInput
  /** Known once the host was reached. */
  hostname: string | undefined
  retryAnswer: RetryAnswer | undefined
  readonly progress = new PlanProgress()
  #sending: string | undefined
  #retry: RetryRequest | undefined
  #cursor: FollowCursor | undefined

  constructor(input: BootstrapInput) {
    this.input = input
  }

  /** Has a plan that stopped go on; decided when the host is reached. */
  requestRetry(request: RetryRequest): void {
    if (this.retryAnswer?.text !== request.text) this.#retry = request
  }

  async run(host: Host, context: WorkContext): Promise<void> {
    const facts = await host.facts()
    this.hostname = facts.hostname
    const plan = bootstrapPlan(this.input, facts)
    const before = await status(host, this.input)
    if (before.state === "absent") await this.#checkPrerequisites(host, plan)
    const started = await this.#start(host, plan, context)
    const first = await this.#retried(host, started)
    this.#seed(first, context)
    const last = await this.#follow(host, first, plan, context)
    if (last.state !== "succeeded") throw stoppedError(last)
  }

  /** As `status.bootstrap` shows it; undefined before anything is known. */
  summary(): RemoteMachineBootstrap | undefined {
    const known = this.progress.summary()
    return this.#sending === undefined ? known : { ...known, message: `sending ${this.#sending}` }
  }

  async #start(host: Host, plan: Plan, { signal, changed }: WorkContext): Promise<PlanStatus> {
    const { claim, epoch, holder, openArtifact } = this.input
    const onUpload = ({ path }: UploadProgress): void => {
      if (path === this.#sending) return
      this.#sending = path
      changed()
    }
    const options = { claim, epoch, holder, content: plan, openArtifact, onUpload, signal }
    try {
      return (await start(host, options)).status
    } finally {
      this.#sending = undefined
    }
  }

  async #follow(
    host: Host,
    first: PlanStatus,
    plan: Plan,
    context: WorkContext,
  ): Promise<PlanStatus> {
    let current = first
    for (let restarts = 0; current.state === "running" || current.state === "stopped";) {
      if (current.state === "stopped") {
        restarts += 1
        if (restarts > restartsMax) {
          throw new PlanStoppedError(
            "BootstrapInterrupted",
            "the plan's runner does not stay alive",
          )
        }
        current = await this.#start(host, plan, context)
        this.#seed(current, context)
        continue
      }
      const { claim } = this.input
      const options = { claim, from: this.#cursor, signal: context.signal }
      for await (const event of follow(host, options)) {
        this.#cursor = event.cursor
        if (event.type !== "journal") continue
        this.progress.apply(event.event)
        context.changed()
      }
      context.signal.throwIfAborted()
      current = await status(host, this.input)
      this.#seed(current, context)
    }
    return current
  }

  #seed(current: PlanStatus, context: WorkContext): void {
    this.progress.seed(current)
    context.changed()
  }

  async #retried(host: Host, current: PlanStatus): Promise<PlanStatus> {
    const request = this.#retry
    if (!request) return current
    this.#retry = undefined
    const { text, from, markDone } = request
    try {
      const { claim, epoch, holder } = this.input
      const after = await retry(host, { claim, epoch, holder, from, markDone })
      this.retryAnswer = { text, error: undefined }
      return after
    } catch (error) {
      if (!(error instanceof PlanStateError)) {
        this.#retry = request
        throw error
      }
      this.retryAnswer = { text, error: messageOf(error) }
      return current
    }
  }

  /** A host that brings everything along is asked before anything runs there. */
  async #checkPrerequisites(host: Host, plan: Plan): Promise<void> {
    if (this.input.artifacts || preparesHost(plan.steps)) return
    const missing = await missingCommands(host, neededCommands(plan.steps))
    if (missing.length === 0) return
    const message = `the host has no ${missing.join(", ")}; install it there, or name an artifact set in spec.artifacts`
    throw new ProvisionError("MissingPrerequisites", message)
  }
}

function stoppedError({ failure, state, steps }: PlanStatus): PlanStoppedError {
  const reason = state === "failed" ? "BootstrapFailed" : "BootstrapInterrupted"
  if (!failure) return new PlanStoppedError(reason, `the plan is ${state}`)
  const title = steps.find(({ name }) => name === failure.step)?.title ?? failure.step
  const said = failure.outputTail.trim()
  const output = said === "" ? "" : `; it said:\n${said}`
  return new PlanStoppedError(reason, `step ${failure.step} (${title}) ${failure.detail}${output}`)
}
