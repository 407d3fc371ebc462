import type { RemoteMachineBootstrap } from "#apis"
import { messageOf } from "#base"
import type { BootstrapData } from "#contract"
import {
  follow,
  type FollowCursor,
  type Host,
  type HostFacts,
  missingCommands,
  type PlanStatus,
  PlanStateError,
  retry,
  start,
  status,
  type StepStatus,
  type StreamContent,
  type UploadProgress,
} from "#remote"

import {
  bootstrapPlan,
  type BootstrapPlanInput,
  type NamedPlan,
  preparationPlan,
} from "../plan/bootstrap-steps.ts"
import { neededCommands, preparesHost } from "../plan/known-commands.ts"
import { ProvisionError } from "../plan/provision-error.ts"
import type { SessionWork, WorkContext } from "./host-session.ts"
import { PlanProgress } from "./progress.ts"
import { PlanStoppedError } from "./session-state.ts"
import type { Uplink } from "./uplink.ts"

export interface BootstrapInput extends Omit<BootstrapPlanInput, "data"> {
  readonly claim: string
  readonly epoch: number
  /** Whose host this is, as other planes will show it. */
  readonly holder: string
  /** Until it is there the host is only prepared. */
  readonly data: BootstrapData | undefined
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

/**
 * Makes a host a node, and knows how far that is: one plan prepares it, another, once there is
 * bootstrap data, does the rest.
 */
export class BootstrapWork implements SessionWork {
  input: BootstrapInput
  /** Known once the host was reached. */
  hostname: string | undefined
  /** The work that is done was all of it, not the preparation alone. */
  isWhole = false
  retryAnswer: RetryAnswer | undefined
  readonly #uplink: Uplink
  readonly #progress = new PlanProgress()
  #prepared: readonly StepStatus[] = []
  #sending: string | undefined
  #retry: RetryRequest | undefined
  #place: { readonly plan: string; readonly cursor: FollowCursor } | undefined

  constructor(input: BootstrapInput, uplink: Uplink) {
    this.input = input
    this.#uplink = uplink
  }

  /** Has a plan that stopped go on; decided when the host is reached. */
  requestRetry(request: RetryRequest): void {
    if (this.retryAnswer?.text !== request.text) this.#retry = request
  }

  async run(host: Host, context: WorkContext): Promise<void> {
    const facts = await host.facts()
    this.hostname = facts.hostname
    const before = await status(host, { claim: this.input.claim })
    if (hasBegun(before)) await this.#recall(host, facts)
    else {
      // Data that is no good is found before anything runs.
      const plan = this.#plan(facts)
      if (plan && before.state === "absent") await this.#checkPrerequisites(host, plan)
      await this.#prepare(host, facts, context)
    }
    const plan = this.#plan(facts)
    if (!plan) return
    await this.#complete(host, plan, context)
    this.isWhole = true
  }

  /** As `status.bootstrap` shows it; undefined before anything is known. */
  summary(): RemoteMachineBootstrap | undefined {
    const known = this.#progress.summary()
    return this.#sending === undefined ? known : { ...known, message: this.#sending }
  }

  #plan({ hostname }: HostFacts): NamedPlan | undefined {
    const { data } = this.input
    return data && bootstrapPlan({ ...this.input, data }, hostname)
  }

  /** Another set may be asked for while the first is put in place: then that one follows. */
  async #prepare(host: Host, facts: HostFacts, context: WorkContext): Promise<void> {
    let last: string | undefined
    for (;;) {
      const plan = preparationPlan(this.input, facts)
      if (!plan || plan.name === last) return
      this.#prepared = []
      this.#prepared = (await this.#complete(host, plan, context)).steps
      last = plan.name
    }
  }

  /** A plane that comes when the bootstrap is under way counts what went before. */
  async #recall(host: Host, facts: HostFacts): Promise<void> {
    const plan = preparationPlan(this.input, facts)
    if (!plan) return
    this.#prepared = (await status(host, { claim: this.input.claim, plan: plan.name })).steps
  }

  /** Sees a plan through to its end. Throws PlanStopped when it fails or is interrupted. */
  async #complete(host: Host, plan: NamedPlan, context: WorkContext): Promise<PlanStatus> {
    const started = await this.#start(host, plan, context)
    const first = await this.#retried(host, plan, started)
    this.#seed(first, plan, context)
    const last = await this.#follow(host, first, plan, context)
    if (last.state !== "succeeded") throw stoppedError(last)
    return last
  }

  async #start(
    host: Host,
    { name, content }: NamedPlan,
    { signal, changed }: WorkContext,
  ): Promise<PlanStatus> {
    const { claim, epoch, holder } = this.input
    const say = (sending: string): void => {
      if (sending === this.#sending) return
      this.#sending = sending
      changed()
    }
    const openArtifact = async (sha256: string): Promise<StreamContent> => {
      while (!this.input.data && this.#uplink.isTaken) {
        say("hosts that have bootstrap data are sent theirs first")
        await this.#uplink.ended(signal)
      }
      return this.input.openArtifact(sha256)
    }
    const onUpload = ({ path }: UploadProgress): void => say(`sending ${path}`)
    const address = { claim, plan: name, epoch, holder }
    const send = () => start(host, { ...address, content, openArtifact, onUpload, signal })
    try {
      return (await (this.input.data ? this.#uplink.urgently(send) : send())).status
    } finally {
      this.#sending = undefined
    }
  }

  async #follow(
    host: Host,
    first: PlanStatus,
    plan: NamedPlan,
    context: WorkContext,
  ): Promise<PlanStatus> {
    const { name } = plan
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
        this.#seed(current, plan, context)
        continue
      }
      const address = { claim: this.input.claim, plan: name }
      const from = this.#place?.plan === name ? this.#place.cursor : undefined
      for await (const event of follow(host, { ...address, from, signal: context.signal })) {
        this.#place = { plan: name, cursor: event.cursor }
        if (event.type !== "journal") continue
        this.#progress.apply(event.event)
        context.changed()
      }
      context.signal.throwIfAborted()
      current = await status(host, address)
      this.#seed(current, plan, context)
    }
    return current
  }

  #seed({ steps }: PlanStatus, { name }: NamedPlan, context: WorkContext): void {
    const hasMore = name !== "bootstrap"
    this.#progress.seed(hasMore ? steps : [...this.#prepared, ...steps], hasMore)
    context.changed()
  }

  /** A preparation that has not stopped leaves the request to the plan behind it. */
  async #retried(host: Host, plan: NamedPlan, current: PlanStatus): Promise<PlanStatus> {
    const request = this.#retry
    const hasStopped = current.state === "failed" || current.state === "interrupted"
    if (!request || (plan.name !== "bootstrap" && !hasStopped)) return current
    this.#retry = undefined
    const { text, from, markDone } = request
    try {
      const { claim, epoch, holder } = this.input
      const after = await retry(host, { claim, plan: plan.name, epoch, holder, from, markDone })
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
  async #checkPrerequisites(host: Host, { content: { steps } }: NamedPlan): Promise<void> {
    if (this.input.artifacts || preparesHost(steps)) return
    const missing = await missingCommands(host, neededCommands(steps))
    if (missing.length === 0) return
    const message = `the host has no ${missing.join(", ")}; install it there, or name an artifact set in spec.artifacts`
    throw new ProvisionError("MissingPrerequisites", message)
  }
}

/** True unless the plan lies on the host untouched, or not at all. */
function hasBegun({ state, steps }: PlanStatus): boolean {
  if (state === "absent") return false
  return state !== "stopped" || steps.some(({ attempts }) => attempts > 0)
}

function stoppedError({ failure, state, steps }: PlanStatus): PlanStoppedError {
  const reason = state === "failed" ? "BootstrapFailed" : "BootstrapInterrupted"
  if (!failure) return new PlanStoppedError(reason, `the plan is ${state}`)
  const title = steps.find(({ name }) => name === failure.step)?.title ?? failure.step
  const said = failure.outputTail.trim()
  const output = said === "" ? "" : `; it said:\n${said}`
  return new PlanStoppedError(reason, `step ${failure.step} (${title}) ${failure.detail}${output}`)
}
