import type { IncomingHttpHeaders, IncomingMessage, OutgoingHttpHeaders } from "node:http"
import { Agent, request as startRequest } from "node:https"
import { createInterface } from "node:readline"
import type { TestServer } from "#apiserver/testing"
import type { JsonObject } from "#base"
import type { UserInfo } from "#meta"

export interface HttpRequest {
  readonly body?: unknown
  readonly contentType?: string | undefined
  readonly headers?: OutgoingHttpHeaders | undefined
}

export interface HttpAnswer {
  readonly code: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
  /** The body as JSON; empty when it is none. */
  readonly json: JsonObject
}

/** One frame of a watch. */
export interface Frame {
  readonly type: string
  readonly object: JsonObject & {
    readonly metadata: JsonObject & { readonly resourceVersion: string; readonly name?: string }
  }
}

/** Speaks plain HTTP/1.1 to a test's API server: what no client library would send, too. */
export class HttpClient implements Disposable {
  readonly #agent: Agent
  readonly #url: string
  readonly #headers: OutgoingHttpHeaders

  private constructor(agent: Agent, url: string, headers: OutgoingHttpHeaders = {}) {
    this.#agent = agent
    this.#url = url
    this.#headers = headers
  }

  /** A client of any server on loopback, whatever its certificate, with a bearer token. */
  static withToken(url: string, token: string): HttpClient {
    const agent = new Agent({ keepAlive: true, rejectUnauthorized: false })
    return new HttpClient(agent, url, { authorization: `Bearer ${token}` })
  }

  /**
   * `user` is named by a client certificate; `null` has none. `issuer` signs it instead of the
   * server.
   */
  static async connect(
    server: TestServer,
    user?: UserInfo | null,
    issuer: TestServer = server,
  ): Promise<HttpClient> {
    const certified = user === null ? undefined : await issuer.clientCertificate(user)
    const agent = new Agent({
      keepAlive: true,
      ca: server.caPem,
      ...(certified ? { cert: certified.certificatePem, key: certified.privateKeyPem } : {}),
    })
    return new HttpClient(agent, await server.url())
  }

  async send(method: string, path: string, options: HttpRequest = {}): Promise<HttpAnswer> {
    const answer = await this.open(method, path, options)
    const chunks: Buffer[] = []
    for await (const chunk of answer) chunks.push(chunk as Buffer)
    const text = Buffer.concat(chunks).toString("utf8")
    const { statusCode = 0, headers } = answer
    return { code: statusCode, headers, text, json: jsonOf(text) }
  }

  get(path: string, headers?: OutgoingHttpHeaders): Promise<HttpAnswer> {
    return this.send("GET", path, { headers })
  }

  post(path: string, body: unknown): Promise<HttpAnswer> {
    return this.send("POST", path, { body })
  }

  patch(path: string, type: PatchKind, body: unknown): Promise<HttpAnswer> {
    return this.send("PATCH", path, { body, contentType: patchTypes[type] })
  }

  /** Resolves when the head of the answer is there. */
  open(method: string, path: string, options: HttpRequest = {}): Promise<IncomingMessage> {
    const { body, contentType = "application/json", headers } = options
    const bytes = body === undefined ? undefined : bytesOf(body)
    return new Promise((resolve, reject) => {
      const request = startRequest(
        `${this.#url}${path}`,
        {
          method,
          agent: this.#agent,
          headers: {
            ...this.#headers,
            ...(bytes ? { "content-type": contentType, "content-length": bytes.length } : {}),
            ...headers,
          },
        },
        resolve,
      )
      request.on("error", reject)
      request.end(bytes)
    })
  }

  /** The frames of a watch as they come; `close` ends it from our side. */
  async watch(path: string, headers?: OutgoingHttpHeaders): Promise<WatchStream> {
    return new WatchStream(await this.open("GET", path, { headers }))
  }

  [Symbol.dispose](): void {
    this.#agent.destroy()
  }
}

export type PatchKind = "json" | "merge" | "strategic" | "apply"

const patchTypes: Readonly<Record<PatchKind, string>> = {
  json: "application/json-patch+json",
  merge: "application/merge-patch+json",
  strategic: "application/strategic-merge-patch+json",
  apply: "application/apply-patch+yaml",
}

export class WatchStream implements Disposable {
  readonly code: number
  readonly #answer: IncomingMessage
  readonly #lines: AsyncIterator<string>

  constructor(answer: IncomingMessage) {
    this.#answer = answer
    this.code = answer.statusCode ?? 0
    answer.on("error", () => {})
    this.#lines = createInterface({ input: answer })[Symbol.asyncIterator]()
  }

  /** The next frame, or undefined when the server has ended the watch. */
  async next(): Promise<Frame | undefined> {
    const line = await this.#lines.next()
    return line.done ? undefined : (JSON.parse(line.value) as Frame)
  }

  async take(count: number): Promise<readonly Frame[]> {
    const frames: Frame[] = []
    while (frames.length < count) {
      const frame = await this.next()
      if (!frame) throw new Error(`read watch: it ended after ${frames.length} of ${count} frames`)
      frames.push(frame)
    }
    return frames
  }

  close(): void {
    this.#answer.destroy()
  }

  [Symbol.dispose](): void {
    this.close()
  }
}

function bytesOf(body: unknown): Buffer {
  if (Buffer.isBuffer(body)) return body
  return Buffer.from(typeof body === "string" ? body : JSON.stringify(body))
}

function jsonOf(text: string): JsonObject {
  try {
    return JSON.parse(text) as JsonObject
  } catch {
    return {}
  }
}
