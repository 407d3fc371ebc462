import type { Readable } from "node:stream"

import type { Client, ClientChannel } from "ssh2"

import type { Clock, Timer } from "#base"

import { ChannelSlots } from "./channel-slots.ts"
import type { ChunkSink } from "./host.ts"
import { HostTimeoutError, HostUnreachableError } from "./host-error.ts"

export interface ExecOptions {
  readonly stdin: Iterable<Uint8Array> | AsyncIterable<Uint8Array>
  readonly onStdout: ChunkSink
  readonly onStderr: ChunkSink
  /** Bounds the whole command. */
  readonly timeoutMs?: number | undefined
  /** Bounds the time without a byte in either direction. */
  readonly idleMs?: number | undefined
  readonly signal?: AbortSignal | undefined
}

const signalNumbers: Readonly<Record<string, number>> = {
  HUP: 1,
  INT: 2,
  QUIT: 3,
  ABRT: 6,
  KILL: 9,
  SEGV: 11,
  PIPE: 13,
  ALRM: 14,
  TERM: 15,
}

/** One authenticated SSH connection and the commands on it. */
export class SshConnection {
  readonly name: string
  readonly #client: Client
  readonly #clock: Clock
  readonly #slots = new ChannelSlots(8)
  readonly #closed = new AbortController()

  constructor(name: string, client: Client, clock: Clock) {
    this.name = name
    this.#client = client
    this.#clock = clock
    let cause: Error | undefined
    client.on("error", (error) => {
      cause = error
    })
    client.on("close", () => {
      const why = cause === undefined ? "it was closed" : cause.message
      this.#abort(new HostUnreachableError(`keep connection to ${name}: ${why}`, { cause }))
    })
  }

  get closed(): AbortSignal {
    return this.#closed.signal
  }

  close(): void {
    this.#abort(new HostUnreachableError(`use connection to ${this.name}: it was closed by us`))
    this.#client.end()
    this.#client.destroy()
  }

  #abort(error: HostUnreachableError): void {
    if (!this.#closed.signal.aborted) this.#closed.abort(error)
  }

  /** Runs one command; resolves with its exit code once everything it said was handed on. */
  async exec(command: string, options: ExecOptions): Promise<number> {
    this.#closed.signal.throwIfAborted()
    options.signal?.throwIfAborted()
    const release = await this.#slots.take()
    try {
      return await new Promise<number>((resolve, reject) => {
        new Execution(this, this.#clock, options, { resolve, reject }).open(this.#client, command)
      })
    } finally {
      release()
    }
  }
}

/** The pauses between them come to 12.7 seconds. */
const openTriesMax = 8

interface Outcome {
  readonly resolve: (exitCode: number) => void
  readonly reject: (error: unknown) => void
}

/** One command from opening its channel to its end, whichever end comes first. */
class Execution {
  readonly #connection: SshConnection
  readonly #clock: Clock
  readonly #options: ExecOptions
  readonly #outcome: Outcome
  readonly #timers = new Set<Timer>()
  #idle: Timer | undefined
  #channel: ClientChannel | undefined
  #exitCode: number | undefined
  #settled = false

  constructor(connection: SshConnection, clock: Clock, options: ExecOptions, outcome: Outcome) {
    this.#connection = connection
    this.#clock = clock
    this.#options = options
    this.#outcome = outcome
  }

  open(client: Client, command: string): void {
    const { timeoutMs, signal } = this.#options
    this.#connection.closed.addEventListener("abort", this.#onClosed)
    signal?.addEventListener("abort", this.#onAbort)
    if (this.#connection.closed.aborted) return this.#onClosed()
    if (signal?.aborted) return this.#onAbort()
    if (timeoutMs !== undefined) {
      const message = `run command on ${this.#connection.name}: not done after ${timeoutMs} ms`
      this.#timers.add(
        this.#clock.after(timeoutMs, () => this.#fail(new HostTimeoutError(message))),
      )
    }
    this.#touch()
    this.#request(client, command, 1)
  }

  /** A host that allows few sessions refuses one until another is over for it too. */
  #request(client: Client, command: string, tries: number): void {
    if (this.#settled) return
    const onRefused = (error: Error): void => {
      if (tries < openTriesMax) {
        const again = (): void => this.#request(client, command, tries + 1)
        this.#timers.add(this.#clock.after(50 * 2 ** tries, again))
        return
      }
      const message = `open session on ${this.#connection.name}: ${error.message}`
      this.#fail(new HostUnreachableError(message, { cause: error }))
    }
    try {
      client.exec(command, (error, channel) => {
        if (error) return onRefused(error)
        if (this.#settled) return channel.close()
        this.#attach(channel)
      })
    } catch (error) {
      onRefused(error as Error)
    }
  }

  #attach(channel: ClientChannel): void {
    this.#channel = channel
    channel.on("exit", (code: number | null, signalName?: string) => {
      this.#exitCode = code ?? 128 + (signalNumbers[(signalName ?? "").replace(/^SIG/, "")] ?? 0)
    })
    channel.on("error", () => {})
    channel.on("close", () => {
      if (this.#exitCode !== undefined) return this.#finish(this.#exitCode)
      const message = `run command on ${this.#connection.name}: the session ended without an answer`
      this.#fail(new HostUnreachableError(message))
    })
    channel.on("data", (chunk: Buffer) => this.#receive(channel, this.#options.onStdout, chunk))
    channel.stderr.on("data", (chunk: Buffer) =>
      this.#receive(channel.stderr, this.#options.onStderr, chunk),
    )
    this.#send(channel).catch((error: unknown) => this.#fail(error))
  }

  #receive(from: Readable, sink: ChunkSink, chunk: Buffer): void {
    if (this.#settled) return
    this.#touch()
    try {
      const taken = sink(chunk)
      if (taken) this.#hold(from, taken)
    } catch (error) {
      this.#fail(error)
    }
  }

  /** Lets the host wait, and its silence not count, until a chunk was taken. */
  #hold(from: Readable, taken: Promise<void>): void {
    this.#idle?.cancel()
    from.pause()
    taken.then(
      () => {
        this.#touch()
        from.resume()
      },
      (error: unknown) => this.#fail(error),
    )
  }

  /** A command that ends before it read everything is judged by its exit code, not by this. */
  async #send(channel: ClientChannel): Promise<void> {
    for await (const chunk of this.#options.stdin) {
      for (let at = 0; at < chunk.length; at += 65_536) {
        if (this.#settled || !channel.writable) return
        const piece = chunk.subarray(at, at + 65_536)
        if (!channel.write(piece)) await drained(channel)
        this.#touch()
      }
    }
    if (!this.#settled && channel.writable) channel.end()
  }

  /** Starts the wait for the next byte anew. */
  #touch(): void {
    const { idleMs } = this.#options
    if (idleMs === undefined || this.#settled) return
    this.#idle?.cancel()
    this.#idle = this.#clock.after(idleMs, () => {
      const message = `hear from ${this.#connection.name}: nothing for ${idleMs} ms`
      this.#fail(new HostUnreachableError(message))
    })
  }

  #finish(exitCode: number): void {
    if (this.#settle()) this.#outcome.resolve(exitCode)
  }

  #fail(error: unknown): void {
    if (!this.#settle()) return
    const channel = this.#channel
    if (channel && !this.#connection.closed.aborted) {
      channel.signal("KILL")
      channel.close()
    }
    this.#outcome.reject(error)
  }

  #settle(): boolean {
    if (this.#settled) return false
    this.#settled = true
    for (const timer of this.#timers) timer.cancel()
    this.#idle?.cancel()
    this.#connection.closed.removeEventListener("abort", this.#onClosed)
    this.#options.signal?.removeEventListener("abort", this.#onAbort)
    return true
  }

  readonly #onClosed = (): void => this.#fail(this.#connection.closed.reason)
  readonly #onAbort = (): void => this.#fail(this.#options.signal?.reason)
}

/** Resolves when more may be written, or never will be. */
function drained(channel: ClientChannel): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      channel.off("drain", done)
      channel.off("close", done)
      resolve()
    }
    channel.on("drain", done)
    channel.on("close", done)
  })
}
