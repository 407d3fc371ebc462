import { Agent, type IncomingMessage, request as requestHttp, type RequestOptions } from "node:http"
import { Agent as TlsAgent, request as requestHttps } from "node:https"

import { isObject, messageOf } from "#base"

import { StoreError, StoreFullError } from "./errors.ts"

export interface EtcdTls {
  /** PEM: who signs the servers' certificates; our certificate and its key. */
  readonly ca: string
  readonly cert?: string | undefined
  readonly key?: string | undefined
}

export interface EtcdGatewayOptions {
  /**
   * URLs of members, `http://host:2379` or `https://…`; the next one is tried when one cannot be
   * reached.
   */
  readonly endpoints: readonly string[]
  readonly tls?: EtcdTls | undefined
}

/** etcd said that the revision is no longer, or not yet, in its history. */
export class EtcdRangeError extends StoreError {
  override readonly name = "EtcdRangeError"
}

type Fields = Record<string, unknown>

const connections = 64
const answerLimitMs = 15_000
const outOfRange = 11
const resourceExhausted = 8
const neverConnected = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "EAI_AGAIN",
])

/** etcd's API as JSON over HTTP, which every member serves beside gRPC. */
export class EtcdGateway {
  readonly #endpoints: readonly string[]
  readonly #agents: { readonly plain: Agent; readonly tls: TlsAgent }
  #current = 0

  constructor({ endpoints, tls }: EtcdGatewayOptions) {
    if (endpoints.length === 0) throw new StoreError("open etcd store: no endpoint was given")
    this.#endpoints = endpoints
    const common = { keepAlive: true, maxSockets: connections }
    this.#agents = { plain: new Agent(common), tls: new TlsAgent({ ...common, ...definedOf(tls) }) }
  }

  /**
   * One question and its answer. A question that never reached a member goes to the next one; one
   * that may have been heard is asked again only when that is `safe`.
   */
  async call(path: string, body: Fields, safe: boolean): Promise<Fields> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        const response = await this.#post(path, body, { timeout: answerLimitMs })
        return parseAnswer(await textOf(response))
      } catch (error) {
        if (error instanceof StoreError) throw error
        const mayRetry = safe || isUnheard(error)
        if (!mayRetry || attempt >= this.#endpoints.length + 1) {
          throw new StoreError(`ask etcd at ${this.#endpoint}: ${messageOf(error)}`, {
            cause: error,
          })
        }
        this.#current += 1
      }
    }
  }

  /** One question and its answers until the signal aborts, which ends it without an error. */
  async *stream(path: string, body: Fields, signal: AbortSignal): AsyncGenerator<Fields, void> {
    try {
      const response = await this.#post(path, body, { signal })
      response.setEncoding("utf8")
      let rest = ""
      for await (const chunk of response) {
        const lines = (rest + String(chunk)).split("\n")
        rest = lines.pop() ?? ""
        for (const line of lines) if (line !== "") yield parseAnswer(line)
      }
      throw new Error("the connection ended")
    } catch (error) {
      if (signal.aborted) return
      if (error instanceof StoreError) throw error
      const failure = `follow etcd at ${this.#endpoint}: ${messageOf(error)}`
      this.#current += 1
      throw new StoreError(failure, { cause: error })
    }
  }

  close(): void {
    this.#agents.plain.destroy()
    this.#agents.tls.destroy()
  }

  get #endpoint(): string {
    return this.#endpoints[this.#current % this.#endpoints.length] ?? ""
  }

  #post(path: string, body: Fields, options: RequestOptions): Promise<IncomingMessage> {
    const url = new URL(path, this.#endpoint)
    const isTls = url.protocol === "https:"
    const agent = isTls ? this.#agents.tls : this.#agents.plain
    const headers = { "content-type": "application/json" }
    return new Promise((resolve, reject) => {
      const send = isTls ? requestHttps : requestHttp
      const outgoing = send(url, { method: "POST", agent, headers, ...options }, resolve)
      outgoing.on("error", reject)
      outgoing.on("timeout", () => outgoing.destroy(new Error("no answer came in time")))
      outgoing.end(JSON.stringify(body))
    })
  }
}

async function textOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString("utf8")
}

/** Errors: those that etcd reports, whose shape differs between its versions and for streams. */
function parseAnswer(text: string): Fields {
  const answer: unknown = JSON.parse(text)
  if (!isObject(answer)) throw new StoreError(`ask etcd: it answered ${text.slice(0, 100)}`)
  const { error, code, message, result } = answer
  if (isObject(error)) throw failureOf(error["code"], error["message"])
  if (error !== undefined || code !== undefined) throw failureOf(code, message ?? error)
  return isObject(result) ? result : answer
}

function failureOf(code: unknown, message: unknown): StoreError {
  const text = `ask etcd: ${String(message)}`
  if (code === outOfRange) return new EtcdRangeError(text)
  const isFull = code === resourceExhausted && text.includes("space exceeded")
  return isFull ? new StoreFullError(text) : new StoreError(text)
}

function isUnheard(error: unknown): boolean {
  return error instanceof Error && "code" in error && neverConnected.has(String(error.code))
}

function definedOf(tls: EtcdTls | undefined): { ca?: string; cert?: string; key?: string } {
  return Object.fromEntries(Object.entries(tls ?? {}).filter(([, value]) => value !== undefined))
}
