import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http"
import type { IncomingHttpHeaders as Http2Headers, ServerHttp2Stream } from "node:http2"
import type { TLSSocket } from "node:tls"
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
  /** The whole body. Errors: `RequestEntityTooLarge`. */
  readBody(): Promise<Buffer>
  /** True once the head of an answer is out: a failure can then only cut the body short. */
  readonly hasBegun: boolean
  /** Sends the head of an answer; the body follows by `write` and `end`. */
  begin(code: number, headers: ResponseHeaders): void
  /** Resolves when there is room for more; rejects with the abort reason when the client has gone. */
  write(chunk: Buffer): Promise<void>
  end(chunk?: Buffer): void
}

const bodyMaxBytes = 3 * 1024 * 1024

interface Carrier {
  readonly readable: NodeJS.ReadableStream & { resume(): unknown }
  readonly writable: NodeJS.WritableStream & { readonly writableNeedDrain: boolean }
  readonly begin: (code: number, headers: ResponseHeaders) => void
}

/** An exchange over an HTTP/2 stream. */
export function http2Exchange(stream: ServerHttp2Stream, headers: Http2Headers): Exchange {
  const begin = (code: number, answer: ResponseHeaders): void => {
    if (!stream.destroyed) stream.respond({ ":status": code, ...answer })
  }
  return exchange(
    { readable: stream, writable: stream, begin },
    {
      method: headers[":method"] ?? "GET",
      target: headers[":path"] ?? "/",
      headers,
      socket: stream.session?.socket as TLSSocket,
    },
  )
}

/** An exchange over HTTP/1.1. */
export function http1Exchange(request: IncomingMessage, response: ServerResponse): Exchange {
  const begin = (code: number, answer: ResponseHeaders): void => {
    response.writeHead(code, answer as Record<string, string | string[]>)
    if (answer["content-length"] === undefined) response.flushHeaders()
  }
  return exchange(
    { readable: request, writable: response, begin },
    {
      method: request.method ?? "GET",
      target: request.url ?? "/",
      headers: request.headers,
      socket: request.socket as TLSSocket,
    },
  )
}

interface RequestHead {
  readonly method: string
  readonly target: string
  readonly headers: IncomingHttpHeaders
  readonly socket: TLSSocket
}

function exchange(carrier: Carrier, head: RequestHead): Exchange {
  const { readable, writable } = carrier
  const gone = new AbortController()
  const leave = (): void => gone.abort(new Error("serve request: the client has gone"))
  writable.once("close", leave)
  writable.once("error", leave)
  const question = head.target.indexOf("?")
  let hasBegun = false
  return {
    method: head.method,
    path: question < 0 ? head.target : head.target.slice(0, question),
    query: new URLSearchParams(question < 0 ? "" : head.target.slice(question + 1)),
    headers: head.headers,
    socket: head.socket,
    signal: gone.signal,
    readBody: () => readBody(readable),
    get hasBegun() {
      return hasBegun
    },
    begin(code, headers) {
      hasBegun = true
      carrier.begin(code, headers)
    },
    async write(chunk) {
      if (gone.signal.aborted) throw gone.signal.reason
      if (!writable.write(chunk)) await drained(writable, gone.signal)
    },
    end(chunk) {
      if (gone.signal.aborted) return
      readable.resume()
      if (chunk) writable.end(chunk)
      else writable.end()
    },
  }
}

async function readBody(readable: NodeJS.ReadableStream): Promise<Buffer> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of readable) {
    const buffer = chunk as Buffer
    bytes += buffer.length
    if (bytes > bodyMaxBytes) {
      throw new ApiError(
        413,
        "RequestEntityTooLarge",
        `Request entity too large: limit is ${bodyMaxBytes}`,
      )
    }
    chunks.push(buffer)
  }
  return Buffer.concat(chunks)
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
