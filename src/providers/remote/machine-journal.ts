import { type RemoteMachine, type Secret, claimAnnotation } from "#apis"
import { type Clock, type Logger, sleep } from "#base"
import {
  connect,
  follow,
  type FollowEvent,
  type Host,
  type HostLayout,
  listPlans,
  type PlanAddress,
} from "#remote"

import { targetOf } from "./host-target.ts"
import { preparationPrefix } from "./plan/bootstrap-steps.ts"
import { ProvisionError } from "./plan/provision-error.ts"

export interface JournalOptions {
  readonly machine: RemoteMachine
  /** The Secret that `spec.sshKeyRef` names; undefined when it is not there. */
  readonly keySecret: Secret | undefined
  /** Go on for as long as the bootstrap runs, instead of ending with what there is. */
  readonly follow: boolean
  readonly signal: AbortSignal
  readonly clock: Clock
  readonly log: Logger
  readonly layout: HostLayout
}

/** Silence after which a journal that is not followed counts as read. */
const quietMs = 1_500

/** How soon a host that is prepared is asked again whether its bootstrap has begun. */
const pollMs = 1_000

/**
 * The journal of a machine's bootstrap with the output of each step, redacted, as its host has it.
 * Nothing for a machine that was never reached. Throws ProvisionError for what is missing, and
 * HostError when the host cannot be asked.
 */
export async function* readMachineJournal(options: JournalOptions): AsyncGenerator<FollowEvent> {
  const { machine, clock, log, layout } = options
  const claim = machine.metadata.annotations?.[claimAnnotation]
  if (claim === undefined) return
  const target = targetOf(machine, options.keySecret)
  if (!target.isContactNoted) {
    const { name } = machine.metadata
    throw new ProvisionError("NotReached", `the host of RemoteMachine ${name} was never reached`)
  }
  const { address, credentials, hostKey } = target
  const host = await connect({
    address,
    credentials,
    hostKey,
    clock,
    log,
    layout,
    signal: options.signal,
  })
  try {
    yield* readPlans(host, claim, options)
  } catch (error) {
    if (!options.signal.aborted) throw error
  } finally {
    host.close()
  }
}

/** The plans that prepare the host come before the one that they prepare it for. */
async function* readPlans(
  host: Host,
  claim: string,
  options: JournalOptions,
): AsyncGenerator<FollowEvent> {
  const read = new Set<string>()
  for (;;) {
    const plans = await listPlans(host, { claim })
    const preparations = plans.filter((plan) => plan.startsWith(preparationPrefix))
    const known = [...preparations, ...plans.filter((plan) => plan === "bootstrap")]
    const next = known.find((plan) => !read.has(plan))
    if (next !== undefined) {
      read.add(next)
      yield* options.follow
        ? follow(host, { claim, plan: next, signal: options.signal })
        : readUntilQuiet(host, { claim, plan: next }, options)
    } else if (!options.follow || known.length === 0 || read.has("bootstrap")) return
    else await sleep(options.clock, pollMs, options.signal)
  }
}

/** A journal that is still being written is read until nothing has come for a moment. */
async function* readUntilQuiet(
  host: Host,
  address: PlanAddress,
  { signal, clock }: JournalOptions,
): AsyncGenerator<FollowEvent> {
  const quiet = new AbortController()
  const end = (): void => quiet.abort(new Error("the journal was read"))
  let timer = clock.after(10 * quietMs, end)
  try {
    const events = follow(host, { ...address, signal: AbortSignal.any([signal, quiet.signal]) })
    for await (const event of events) {
      timer.cancel()
      yield event
      timer = clock.after(quietMs, end)
    }
  } catch (error) {
    if (!quiet.signal.aborted) throw error
  } finally {
    timer.cancel()
  }
}

/** One event as a person reads it; whole lines. */
export function journalText(event: FollowEvent): string {
  if (event.type === "output") return event.text.endsWith("\n") ? event.text : `${event.text}\n`
  if (event.type === "skipped") return `… ${event.sizeBytes} bytes of output left out …\n`
  const { event: entry } = event
  switch (entry.type) {
    case "begun":
      return `== ${entry.at} the plan begins\n`
    case "ended":
      return `== ${entry.at} all steps are done\n`
    case "started":
      return `== ${entry.at} ${entry.step}: attempt ${entry.attempt}\n`
    case "finished":
      return entry.by === "run"
        ? `== ${entry.at} ${entry.step}: exit code ${entry.exitCode}\n`
        : `== ${entry.at} ${entry.step}: done, says ${entry.by === "check" ? "its check" : "a person"}\n`
    case "checked":
      return `== ${entry.at} ${entry.step}: checked after an interruption, ${entry.answer}\n`
    case "recovering":
      return `== ${entry.at} ${entry.step}: what it left behind is cleared away\n`
    case "recovered":
      return `== ${entry.at} ${entry.step}: cleared away, exit code ${entry.exitCode}\n`
    case "interrupted":
      return `== ${entry.at} ${entry.step}: interrupted (${entry.cause})\n`
    case "retry":
      return `== ${entry.at} ${entry.step}: to be tried again\n`
  }
}
