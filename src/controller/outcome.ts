/** The phase has nothing left to do; the next one may run. */
export interface Done {
  readonly kind: "done"
}

/** The phase waits for something; who reads the object finds the reason in a condition. */
export interface Wait {
  readonly kind: "wait"
  /** One CamelCase word for programs. */
  readonly reason: string
  /** For people: what is waited for, and whose turn it is. */
  readonly message: string
  /** Look again after this time even when no trigger fires; for timers that users know of. */
  readonly afterMs: number | undefined
  /** False lets the later phases run nevertheless. */
  readonly stop: boolean
}

/** What a phase answers. It throws for everything else. */
export type Outcome = Done | Wait

export const done: Outcome = { kind: "done" }

export interface WaitOptions {
  readonly message?: string | undefined
  readonly afterMs?: number | undefined
  /** Default true: later phases do not run. */
  readonly stop?: boolean | undefined
}

export function waitFor(reason: string, options: WaitOptions = {}): Wait {
  const { message = "", afterMs, stop = true } = options
  return { kind: "wait", reason, message, afterMs, stop }
}

/**
 * A failure that trying again cannot mend: logged and counted, not retried until something changes.
 */
export class TerminalError extends Error {
  override readonly name = "TerminalError"
}

/** What the phases came to, for `observe`. */
export interface ReconcileResult {
  /** True when the teardown phases ran. */
  readonly deleting: boolean
  /** In the order in which the phases answered them. */
  readonly waits: readonly Wait[]
  /** What a phase threw. */
  readonly error: Error | undefined
  /** Name of the phase that threw. */
  readonly failedPhase: string | undefined
  /** What that phase answered; undefined when it was not reached or threw. */
  outcomeOf(phase: (...parameters: never[]) => unknown): Outcome | undefined
}
