import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  constants,
  type OutgoingHttpHeaders,
} from "node:http2"
import { type Clock, messageOf, type Timer } from "#base"
import { ConnectionError } from "./connection-error.ts"

export interface ConnectionOptions {
  /** `https://host:port`, with a path when the API lies under one. */
  readonly server: string
  /** Authorities to trust instead of the system's. */
  readonly caPem?: string | undefined
  readonly clientCertificatePem?: string | undefined
  readonly clientKeyPem?: string | undefined
  /** The name that the server's certificate must carry, when it is not the host of `server`. */
  readonly serverName?: string | undefined
  readonly clock: Clock
}

/** A silent connection with open streams is asked for a sign of life; an unused one is closed. */
const checkIntervalMs = 30_000
const pingTimeoutMs = 15_000
const idleChecksBeforeClose = 2

/** What one stream may have on its way unread, and what all of them may hold together. */
const streamWindowBytes = 256 * 1024
const sessionMemoryMegabytes = 256

/** One HTTP/2 session to a server, opened when first needed and again after it was lost. */
export class Connection {
  readonly #options: ConnectionOptions
  readonly #url: URL
  #current: Session | undefined
  #isClosed = false

  constructor(options: ConnectionOptions) {
    this.#options = options
    this.#url = new URL(options.server)
  }

  /** Opens a stream. Failures to connect arrive as the stream's error. */
  open(
    headers: OutgoingHttpHeaders & { readonly ":path": string },
    hasBody: boolean,
  ): ClientHttp2Stream {
    if (this.#isClosed) throw this.failure("the client is closed")
    const basePath = this.#url.pathname.replace(/\/$/, "")
    const path = `${basePath}${headers[":path"]}`
    return this.#session().open({ ...headers, ":path": path }, hasBody)
  }

  /** Ends every stream. */
  close(): void {
    this.#isClosed = true
    this.#current?.destroy(undefined)
    this.#current = undefined
  }

  /** What callers are told about a failed exchange. */
  failure(cause: unknown): ConnectionError {
    if (cause instanceof ConnectionError) return cause
    const problem = cause instanceof Error && cause.cause ? cause.cause : cause
    return new ConnectionError(`reach ${this.#url.origin}: ${messageOf(problem)}`, { cause })
  }

  #session(): Session {
    if (this.#current?.isUsable) return this.#current
    const { caPem, clientCertificatePem, clientKeyPem, serverName, clock } = this.#options
    const http2 = connect(this.#url.origin, {
      ...(caPem === undefined ? {} : { ca: caPem }),
      ...(clientCertificatePem === undefined ? {} : { cert: clientCertificatePem }),
      ...(clientKeyPem === undefined ? {} : { key: clientKeyPem }),
      ...(serverName === undefined ? {} : { servername: serverName }),
      settings: { enablePush: false, initialWindowSize: streamWindowBytes },
      maxSessionMemory: sessionMemoryMegabytes,
    })
    this.#current = new Session(http2, clock)
    return this.#current
  }
}

class Session {
  readonly #http2: ClientHttp2Session
  readonly #clock: Clock
  readonly #streams = new Set<ClientHttp2Stream>()
  #check: Timer
  #idleChecks = 0
  #wasActive = true
  #failure: Error | undefined

  constructor(http2: ClientHttp2Session, clock: Clock) {
    this.#http2 = http2
    this.#clock = clock
    this.#check = clock.after(checkIntervalMs, () => this.#onCheck())
    http2.on("error", (error: Error) => this.destroy(error))
    http2.on("goaway", () => http2.close())
    http2.on("close", () => this.#check.cancel())
  }

  get isUsable(): boolean {
    return !this.#http2.closed && !this.#http2.destroyed
  }

  open(headers: OutgoingHttpHeaders, hasBody: boolean): ClientHttp2Stream {
    const stream = this.#http2.request(headers, { endStream: !hasBody })
    this.#streams.add(stream)
    stream.on("data", () => {
      this.#wasActive = true
    })
    stream.pause()
    stream.once("close", () => this.#streams.delete(stream))
    return stream
  }

  destroy(error: Error | undefined): void {
    this.#check.cancel()
    this.#failure ??= error
    for (const stream of this.#streams) {
      stream.destroy(this.#failure ?? new ConnectionError("connection closed"))
    }
    this.#http2.destroy()
  }

  #onCheck(): void {
    if (!this.isUsable) return
    this.#idleChecks = this.#streams.size === 0 ? this.#idleChecks + 1 : 0
    if (this.#idleChecks >= idleChecksBeforeClose) {
      this.#http2.close()
      return
    }
    if (this.#streams.size > 0 && !this.#wasActive) this.#ping()
    this.#wasActive = false
    this.#check = this.#clock.after(checkIntervalMs, () => this.#onCheck())
  }

  #ping(): void {
    const deadline = this.#clock.after(pingTimeoutMs, () =>
      this.destroy(new ConnectionError("the server does not answer any more")),
    )
    try {
      this.#http2.ping(() => deadline.cancel())
    } catch {
      deadline.cancel()
    }
  }
}

/** Resets a stream that nobody reads any more; without `destroy` a paused one would never end. */
export function cancelStream(stream: ClientHttp2Stream): void {
  if (stream.destroyed) return
  stream.close(constants.NGHTTP2_CANCEL)
  stream.destroy()
}
