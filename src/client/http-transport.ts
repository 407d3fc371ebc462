import type { ClientHttp2Stream, IncomingHttpHeaders, IncomingHttpStatusHeader } from "node:http2"
import { isObject } from "#base"
import {
  ApiError,
  type ApiObject,
  type ApiTarget,
  type ApiTransport,
  type DeleteOptions,
  kindApiVersion,
  type ListOptions,
  type ObjectList,
  type PatchOptions,
  type PatchType,
  type StatusReason,
  type WatchEvent,
  type WatchOptions,
  type WriteOptions,
} from "#meta"
import { ConnectionError } from "./connection-error.ts"
import { cancelStream, Connection, type ConnectionOptions } from "./connection.ts"
import { listQuery, pathOf, watchQuery, writeQuery } from "./request-url.ts"
import { decodeWatchEvent, LineSplitter } from "./watch-decoder.ts"

export interface HttpTransportOptions extends ConnectionOptions {
  readonly token?: string | undefined
  readonly userAgent: string
  /** For every request except a watch, which has it for its first answer; default 30 s. */
  readonly timeoutMs?: number | undefined
}

interface Call {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE"
  readonly path: string
  readonly body?: unknown
  readonly contentType?: string | undefined
  /** JSON unless given. */
  readonly accept?: string | undefined
}

interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: unknown
}

const patchContentTypes: Readonly<Record<PatchType, string>> = {
  json: "application/json-patch+json",
  merge: "application/merge-patch+json",
  strategic: "application/strategic-merge-patch+json",
  apply: "application/apply-patch+yaml",
}

/** What a status code means when the answer does not say so itself. */
const reasons: Readonly<Record<number, StatusReason>> = {
  400: "BadRequest",
  401: "Unauthorized",
  403: "Forbidden",
  404: "NotFound",
  405: "MethodNotAllowed",
  406: "NotAcceptable",
  409: "Conflict",
  410: "Gone",
  413: "RequestEntityTooLarge",
  415: "UnsupportedMediaType",
  422: "Invalid",
  429: "TooManyRequests",
  500: "InternalError",
  503: "ServiceUnavailable",
  504: "Timeout",
}

/**
 * The Kubernetes API over one HTTP/2 session: JSON, all requests and watches as streams of it.
 * Rejects with `ApiError` when the server answered so, with `ConnectionError` when it did not
 * answer; nothing is retried.
 */
export class HttpTransport implements ApiTransport {
  readonly #options: HttpTransportOptions
  readonly #connection: Connection

  constructor(options: HttpTransportOptions) {
    this.#options = options
    this.#connection = new Connection(options)
  }

  /** Ends every request and watch; a later call fails. */
  close(): void {
    this.#connection.close()
  }

  async get(target: ApiTarget): Promise<ApiObject> {
    return (await this.#call({ method: "GET", path: pathOf(target) })) as ApiObject
  }

  async list(target: ApiTarget, options: ListOptions): Promise<ObjectList<ApiObject>> {
    const path = pathOf(target) + listQuery(options)
    const body = await this.#call({ method: "GET", path })
    const { items, metadata } = body as {
      items?: readonly ApiObject[] | null
      metadata?: { resourceVersion?: string; continue?: string; remainingItemCount?: number }
    }
    const header = { apiVersion: kindApiVersion(target.kind), kind: target.kind.kind }
    return {
      items: (items ?? []).map((item) => (item.kind ? item : { ...header, ...item })),
      resourceVersion: metadata?.resourceVersion ?? "",
      continue: metadata?.continue || undefined,
      remainingItemCount: metadata?.remainingItemCount,
    }
  }

  async create(target: ApiTarget, object: unknown, options: WriteOptions): Promise<ApiObject> {
    const path = pathOf(target) + writeQuery(options)
    return (await this.#call({ method: "POST", path, body: object })) as ApiObject
  }

  async update(target: ApiTarget, object: unknown, options: WriteOptions): Promise<ApiObject> {
    const path = pathOf(target) + writeQuery(options)
    return (await this.#call({ method: "PUT", path, body: object })) as ApiObject
  }

  async patch(
    target: ApiTarget,
    patch: { readonly type: PatchType; readonly body: unknown },
    options: PatchOptions,
  ): Promise<ApiObject> {
    const path = pathOf(target) + writeQuery(options)
    const contentType = patchContentTypes[patch.type]
    return (await this.#call({
      method: "PATCH",
      path,
      body: patch.body,
      contentType,
    })) as ApiObject
  }

  async delete(target: ApiTarget, options: DeleteOptions): Promise<void> {
    const { dryRun, ...rest } = options
    const body = {
      apiVersion: "v1",
      kind: "DeleteOptions",
      ...rest,
      ...(dryRun ? { dryRun: ["All"] } : {}),
    }
    await this.#call({ method: "DELETE", path: pathOf(target), body })
  }

  async *watch(
    target: ApiTarget,
    options: WatchOptions,
    signal: AbortSignal,
  ): AsyncGenerator<WatchEvent<ApiObject>> {
    if (signal.aborted) return
    const stream = this.#open({ method: "GET", path: pathOf(target) + watchQuery(options) })
    const onAbort = (): void => cancelStream(stream)
    signal.addEventListener("abort", onAbort, { once: true })
    try {
      const headers = await this.#headersOf(stream)
      if (headers[":status"] !== 200) throw errorOf(await this.#answerOf(stream, headers))
      const splitter = new LineSplitter()
      for await (const chunk of stream) {
        for (const line of splitter.split(chunk as Uint8Array)) yield decodeWatchEvent(line)
      }
    } catch (error) {
      if (signal.aborted) return
      throw error instanceof ApiError ? error : this.#connection.failure(error)
    } finally {
      signal.removeEventListener("abort", onAbort)
      cancelStream(stream)
    }
  }

  /** A subresource that answers with text, piece by piece; ends when the signal aborts. */
  async *readText(
    target: ApiTarget,
    query: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): AsyncGenerator<string> {
    if (signal.aborted) return
    const path = `${pathOf(target)}?${new URLSearchParams(query).toString()}`
    const stream = this.#open({ method: "GET", path, accept: "*/*" })
    const onAbort = (): void => cancelStream(stream)
    signal.addEventListener("abort", onAbort, { once: true })
    try {
      const headers = await this.#headersOf(stream)
      if (headers[":status"] !== 200) throw errorOf(await this.#answerOf(stream, headers))
      const decoder = new TextDecoder()
      for await (const chunk of stream) yield decoder.decode(chunk as Uint8Array, { stream: true })
    } catch (error) {
      if (signal.aborted) return
      throw error instanceof ApiError ? error : this.#connection.failure(error)
    } finally {
      signal.removeEventListener("abort", onAbort)
      cancelStream(stream)
    }
  }

  async #call(call: Call): Promise<unknown> {
    try {
      const stream = this.#open(call)
      const answer = await this.#within(stream, async () =>
        this.#answerOf(stream, await this.#headersOf(stream)),
      )
      if (answer.status >= 400) throw errorOf(answer)
      return answer.body
    } catch (error) {
      throw error instanceof ApiError ? error : this.#connection.failure(error)
    }
  }

  #open(call: Call): ClientHttp2Stream {
    const { token, userAgent } = this.#options
    const body = call.body === undefined ? undefined : Buffer.from(JSON.stringify(call.body))
    const headers = {
      ":method": call.method,
      ":path": call.path,
      accept: call.accept ?? "application/json",
      "user-agent": userAgent,
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    }
    if (!body) return this.#connection.open(headers, false)
    const contentType = call.contentType ?? "application/json"
    const stream = this.#connection.open(
      { ...headers, "content-type": contentType, "content-length": body.length },
      true,
    )
    stream.end(body)
    return stream
  }

  async #within<T>(stream: ClientHttp2Stream, work: () => Promise<T>): Promise<T> {
    const { clock, timeoutMs = 30_000 } = this.#options
    const timer = clock.after(timeoutMs, () =>
      stream.destroy(new ConnectionError(`no answer within ${timeoutMs} ms`)),
    )
    try {
      return await work()
    } finally {
      timer.cancel()
    }
  }

  #headersOf(stream: ClientHttp2Stream): Promise<IncomingHttpHeaders & IncomingHttpStatusHeader> {
    return new Promise((resolve, reject) => {
      stream.once("response", resolve)
      stream.once("error", reject)
      stream.once("close", () => reject(new ConnectionError("the stream ended without an answer")))
    })
  }

  async #answerOf(
    stream: ClientHttp2Stream,
    headers: IncomingHttpHeaders & IncomingHttpStatusHeader,
  ): Promise<Answer> {
    const chunks: Buffer[] = []
    for await (const chunk of stream) chunks.push(chunk as Buffer)
    const text = Buffer.concat(chunks).toString("utf8")
    const isJson = headers["content-type"]?.includes("json") ?? false
    return {
      status: headers[":status"] ?? 0,
      headers,
      body: isJson ? JSON.parse(text) : text,
    }
  }
}

function errorOf(answer: Answer): ApiError {
  const { status, headers, body } = answer
  const error =
    isObject(body) && body.kind === "Status"
      ? ApiError.fromStatus(body, status)
      : new ApiError(status, reasons[status] ?? "Unknown", textOf(body, status))
  const retryAfterSeconds = Number(headers["retry-after"])
  if (!retryAfterSeconds || error.details?.retryAfterSeconds) return error
  return new ApiError(error.code, error.reason, error.message, {
    details: { ...error.details, retryAfterSeconds },
  })
}

function textOf(body: unknown, status: number): string {
  const text = typeof body === "string" ? body.trim().slice(0, 500) : ""
  return text === "" ? `the server answered ${status}` : text
}
