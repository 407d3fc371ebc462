import { Backoff, type Clock, deepEqual, type Logger, messageOf, sleep } from "#base"
import { CleanupFailedError, connect, type Host, type HostLayout } from "#remote"

import {
  delaysFor,
  isFinal,
  reasonOf,
  type SessionProblem,
  type SessionState,
  type SessionTarget,
} from "./session-state.ts"
import type { Slots } from "./slots.ts"

/** What a session does on its host, from wherever it stands. Called again after every failure. */
export interface SessionWork {
  run(host: Host, context: WorkContext): Promise<void>
}

export interface WorkContext {
  readonly signal: AbortSignal
  readonly clock: Clock
  /** Tells that there is something new to see. */
  readonly changed: () => void
}

export interface HostSessionOptions<W extends SessionWork> {
  readonly target: SessionTarget
  readonly work: W
  readonly clock: Clock
  readonly log: Logger
  readonly slots: Slots
  readonly layout: HostLayout
  readonly onChange: () => void
}

/**
 * Works on one host in the background until the work is done: connects, works, and starts over when
 * the connection is lost. Holds nothing that the host or the API does not know too.
 */
export class HostSession<W extends SessionWork = SessionWork> {
  readonly work: W
  readonly #options: HostSessionOptions<W>
  readonly #abort = new AbortController()
  readonly #ended: Promise<void>
  #state: SessionState = { kind: "queued" }
  #target: SessionTarget
  #noted = Promise.withResolvers<void>()
  #woken = new AbortController()
  #backoff: { readonly reason: string; readonly delays: Backoff } | undefined

  constructor(options: HostSessionOptions<W>) {
    this.#options = options
    this.#target = options.target
    this.work = options.work
    if (options.target.isContactNoted) this.#noted.resolve()
    this.#ended = this.#run()
  }

  get state(): SessionState {
    return this.#state
  }

  /** Takes what changed; a session that waits after a problem tries again at once. */
  update(target: SessionTarget): void {
    if (deepEqual(target, this.#target)) return
    const hasBetterHopes = !deepEqual(
      { ...target, hostKey: undefined, isContactNoted: undefined },
      { ...this.#target, hostKey: undefined, isContactNoted: undefined },
    )
    const keyChanged = !deepEqual(target.hostKey, this.#target.hostKey)
    this.#target = target
    if (target.isContactNoted) this.#noted.resolve()
    if (hasBetterHopes || keyChanged) this.wake()
  }

  /** Tries again at once, if it waits. */
  wake(): void {
    this.#woken.abort()
  }

  async stop(): Promise<void> {
    this.#abort.abort(new Error("the session was ended"))
    await this.#ended
  }

  async #run(): Promise<void> {
    const { signal } = this.#abort
    while (!signal.aborted) {
      this.#woken = new AbortController()
      try {
        await this.#attempt(signal)
        this.#set({ kind: "done" })
        return
      } catch (error) {
        if (signal.aborted) return
        const problem = this.#problem(error)
        const delayMs = this.#delay(error)
        this.#options.log.info("work on host stopped", { ...problem, delayMs })
        this.#set(problem)
        await this.#pause(problem.isFinal ? undefined : delayMs, signal)
      }
    }
  }

  async #attempt(signal: AbortSignal): Promise<void> {
    const { clock, log, layout, slots, work } = this.#options
    const leave = await slots.acquire(signal)
    let host: Host | undefined
    try {
      if (this.#state.kind === "queued") this.#set({ kind: "connecting" })
      const { address, credentials, hostKey } = this.#target
      host = await connect({ address, credentials, hostKey, clock, log, layout, signal })
      if (!this.#target.isContactNoted) {
        this.#set({ kind: "reached", fingerprint: host.hostKeyFingerprint })
        await this.#contactNoted(host, signal)
      }
      const changed = (): void => {
        // Whoever gets this far has overcome what kept it from working before.
        this.#backoff = undefined
        this.#set({ kind: "working" })
      }
      await work.run(host, { signal, clock, changed })
    } finally {
      host?.close()
      leave()
    }
  }

  #contactNoted(host: Host, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const ends = AbortSignal.any([signal, host.closed])
      const onAbort = (): void => reject(ends.reason as Error)
      if (ends.aborted) return onAbort()
      ends.addEventListener("abort", onAbort, { once: true })
      void this.#noted.promise.then(() => {
        ends.removeEventListener("abort", onAbort)
        resolve()
      })
    })
  }

  #problem(error: unknown): SessionProblem {
    const before = this.#state
    const reason = reasonOf(error)
    const isSame = before.kind === "problem" && before.reason === reason
    const sinceMs = isSame ? before.sinceMs : this.#options.clock.now()
    const output = error instanceof CleanupFailedError && error.output !== "" ? error.output : ""
    const message = output === "" ? messageOf(error) : `${messageOf(error)}; it said:\n${output}`
    return { kind: "problem", reason, message, sinceMs, isFinal: isFinal(error) }
  }

  #delay(error: unknown): number {
    const reason = reasonOf(error)
    if (this.#backoff?.reason !== reason) {
      this.#backoff = { reason, delays: new Backoff(delaysFor(error)) }
    }
    return this.#backoff.delays.nextMs()
  }

  async #pause(delayMs: number | undefined, signal: AbortSignal): Promise<void> {
    const ends = AbortSignal.any([signal, this.#woken.signal])
    if (ends.aborted) return
    if (delayMs !== undefined) {
      await sleep(this.#options.clock, delayMs, ends).catch(() => {})
      return
    }
    await new Promise<void>((resolve) => {
      ends.addEventListener("abort", () => resolve(), { once: true })
    })
  }

  #set(state: SessionState): void {
    if (this.#abort.signal.aborted) return
    this.#state = state
    this.#options.onChange()
  }
}
