import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http"
import {
  constants,
  type IncomingHttpHeaders as Http2Headers,
  type ServerHttp2Stream,
} from "node:http2"
import type { TLSSocket } from "node:tls"
import type { Clock } from "#base"
import { ApiError } from "#meta"

/** Response headers; a list repeats the header. */
export type ResponseHeaders = Readonly<Record<string, string | readonly string[]>>

/** One request and the way to answer it, whichever HTTP version carried it. */
export interface Exchange {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: IncomingHttpHeaders
  readonly socket: TLSSocket
  /** Aborts when the client has gone. */
  readonly signal: AbortSignal
  /** True once the head of an answer has been sent: no other answer can follow. */
  readonly hasBegun: boolean
  /** Every value of a header, one for each time it was sent. */
  headerValues(name: string): readonly string[]
  /**
   * The whole body. Errors: `RequestEntityTooLarge`, `Timeout` when it takes longer than a minute.
   */
  readBody(): Promise<Buffer>
  /** Sends the head of an answer; the body follows by `write` and `end`. */
  begin(code: number, headers: ResponseHeaders): void
  /**
   * Resolves when there is room for more; rejects with the abort reason when the client has gone.
   */
  write(chunk: Buffer): Promise<void>
  end(chunk?: Buffer): void
  /** Breaks an answer off, so that the client cannot take a part of it for the whole. */
  abort(): void
}

const bodyMaxBytes = 3 * 1024 * 1024
const bodyTimeoutMs = 60_000

/** What an HTTP version brings along: streams, and its own ways to begin and to break off. */
interface Carrier {
  readonly readable: NodeJS.ReadableStream
  readonly writable: NodeJS.WritableStream
  readonly begin: (code: number, headers: ResponseHeaders) => void
  /** Lets what is left of the body run off: nobody will read it. */
  readonly drain: () => void
  /** Has the client stop sending, once the answer is out: its body is too large or too slow. */
  readonly cutBody: () => void
  readonly abort: () => void
}

interface RequestHead {
  readonly method: string
  readonly target: string
  readonly headers: IncomingHttpHeaders
  readonly rawHeaders: readonly string[]
  readonly socket: TLSSocket
}

/** An exchange over an HTTP/2 stream. */
export function http2Exchange(
  stream: ServerHttp2Stream,
  headers: Http2Headers,
  rawHeaders: readonly string[],
  clock: Clock,
): Exchange {
  return exchange(
    {
      readable: stream,
      writable: stream,
      begin: (code, answer) => {
        if (!stream.destroyed) stream.respond({ ":status": code, ...answer })
      },
      drain: () => void stream.resume(),
      cutBody: () => stream.once("finish", () => stream.close(constants.NGHTTP2_NO_ERROR)),
      abort: () => stream.close(constants.NGHTTP2_INTERNAL_ERROR),
    },
    {
      method: headers[":method"] ?? "GET",
      target: headers[":path"] ?? "/",
      headers,
      rawHeaders,
      socket: stream.session?.socket as TLSSocket,
    },
    clock,
  )
}

/** An exchange over HTTP/1.1. */
export function http1Exchange(
  request: IncomingMessage,
  response: ServerResponse,
  clock: Clock,
): Exchange {
  return exchange(
    {
      readable: request,
      writable: response,
      begin: (code, answer) => {
        response.writeHead(code, answer as Record<string, string | string[]>)
        if (answer["content-length"] === undefined) response.flushHeaders()
      },
      drain: () => void request.resume(),
      cutBody: () => {
        response.shouldKeepAlive = false
      },
      abort: () => void response.destroy(),
    },
    {
      method: request.method ?? "GET",
      target: request.url ?? "/",
      headers: request.headers,
      rawHeaders: request.rawHeaders,
      socket: request.socket as TLSSocket,
    },
    clock,
  )
}

function exchange(carrier: Carrier, head: RequestHead, clock: Clock): Exchange {
  const { readable, writable } = carrier
  const departure = new Departure()
  writable.once("close", departure.happen)
  writable.once("error", departure.happen)
  const question = head.target.indexOf("?")
  let hasBegun = false
  return {
    method: head.method,
    path: question < 0 ? head.target : head.target.slice(0, question),
    query: new URLSearchParams(question < 0 ? "" : head.target.slice(question + 1)),
    headers: head.headers,
    socket: head.socket,
    get signal() {
      return departure.signal
    },
    get hasBegun() {
      return hasBegun
    },
    headerValues: (name) => valuesOf(head.rawHeaders, name),
    readBody: () =>
      readBody(readable, head.headers["content-length"], clock).catch((error: unknown) => {
        carrier.cutBody()
        throw error
      }),
    begin(code, headers) {
      hasBegun = true
      carrier.drain()
      carrier.begin(code, headers)
    },
    async write(chunk) {
      if (departure.hasHappened) throw departure.signal.reason
      if (!writable.write(chunk)) await drained(writable, departure.signal)
    },
    end(chunk) {
      if (departure.hasHappened) return
      if (chunk) writable.end(chunk)
      else writable.end()
    },
    abort: carrier.abort,
  }
}

/** Whether the client has gone. Most exchanges end without anybody asking for the signal. */
class Departure {
  #controller: AbortController | undefined
  #hasHappened = false

  readonly happen = (): void => {
    this.#hasHappened = true
    this.#controller?.abort(reasonOfDeparture())
  }

  get hasHappened(): boolean {
    return this.#hasHappened
  }

  get signal(): AbortSignal {
    if (!this.#controller) {
      this.#controller = new AbortController()
      if (this.#hasHappened) this.#controller.abort(reasonOfDeparture())
    }
    return this.#controller.signal
  }
}

function reasonOfDeparture(): Error {
  return new Error("serve request: the client has gone")
}

function valuesOf(rawHeaders: readonly string[], name: string): readonly string[] {
  return rawHeaders.filter(
    (_value, index) => index % 2 === 1 && rawHeaders[index - 1]?.toLowerCase() === name,
  )
}

/**
 * Reads without taking the stream away: an answer must still be able to follow a body that is
 * refused.
 */
function readBody(
  readable: NodeJS.ReadableStream,
  announced: string | undefined,
  clock: Clock,
): Promise<Buffer> {
  if (Number(announced) > bodyMaxBytes) return Promise.reject(tooLarge())
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let bytes = 0
    const settle = (finish: () => void): void => {
      timer.cancel()
      readable.removeListener("data", onData)
      readable.removeListener("end", onEnd)
      readable.removeListener("close", onClose)
      readable.removeListener("error", onClose)
      finish()
    }
    const onData = (chunk: Buffer): void => {
      bytes += chunk.length
      if (bytes > bodyMaxBytes) settle(() => reject(tooLarge()))
      else chunks.push(chunk)
    }
    const onEnd = (): void => settle(() => resolve(Buffer.concat(chunks)))
    const onClose = (): void =>
      settle(() => reject(new Error("read body: the client has gone before its end")))
    const timer = clock.after(bodyTimeoutMs, () => settle(() => reject(tooSlow())))
    readable.on("data", onData)
    readable.on("end", onEnd)
    readable.on("close", onClose)
    readable.on("error", onClose)
  })
}

function tooLarge(): ApiError {
  return new ApiError(
    413,
    "RequestEntityTooLarge",
    `Request entity too large: limit is ${bodyMaxBytes}`,
  )
}

function tooSlow(): ApiError {
  return new ApiError(408, "Timeout", `the body took longer than ${bodyTimeoutMs / 1000} seconds`)
}

function drained(writable: NodeJS.WritableStream, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const onDrain = (): void => {
      signal.removeEventListener("abort", onAbort)
      resolve()
    }
    const onAbort = (): void => {
      writable.removeListener("drain", onDrain)
      reject(signal.reason as Error)
    }
    writable.once("drain", onDrain)
    signal.addEventListener("abort", onAbort, { once: true })
  })
}
