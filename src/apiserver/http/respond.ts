import { messageOf } from "#base"
import { ApiError } from "#meta"
import type { Exchange, ResponseHeaders } from "./exchange.ts"

const jsonHeaders: ResponseHeaders = {
  "content-type": "application/json",
  "cache-control": "no-cache, private",
}

/** Answers with bytes that are JSON already. */
export function sendBytes(
  exchange: Exchange,
  code: number,
  body: Buffer,
  extra: ResponseHeaders = {},
): void {
  exchange.begin(code, { ...jsonHeaders, "content-length": String(body.length), ...extra })
  exchange.end(body)
}

export function sendJson(
  exchange: Exchange,
  code: number,
  value: unknown,
  extra: ResponseHeaders = {},
): void {
  sendBytes(exchange, code, Buffer.from(JSON.stringify(value)), extra)
}

export function sendText(
  exchange: Exchange,
  code: number,
  text: string,
  extra: ResponseHeaders = {},
): void {
  sendBytes(exchange, code, Buffer.from(text), {
    "content-type": "text/plain; charset=utf-8",
    ...extra,
  })
}

/** Answers with a Status that says what went wrong. */
export function sendError(exchange: Exchange, error: ApiError, extra: ResponseHeaders = {}): void {
  const { retryAfterSeconds } = error.details ?? {}
  const continueToken = (error as ApiError & { readonly continueToken?: string }).continueToken
  const status = error.toStatus()
  const body = continueToken ? { ...status, metadata: { continue: continueToken } } : status
  sendJson(exchange, error.code, body, {
    ...extra,
    ...(retryAfterSeconds === undefined ? {} : { "retry-after": String(retryAfterSeconds) }),
  })
}

/** Every failure as an `ApiError`; what is not one is ours and says so. */
export function apiErrorOf(error: unknown): ApiError {
  if (error instanceof ApiError) return error
  return new ApiError(500, "InternalError", `Internal error occurred: ${messageOf(error)}`, {
    cause: error,
  })
}

/** `Warning: 299 - "text"` for every warning of a request, bounded as upstream bounds them. */
export function warningHeaders(warnings: readonly string[]): ResponseHeaders {
  if (warnings.length === 0) return {}
  return {
    warning: warnings.slice(0, 32).map((text) => `299 - ${JSON.stringify(asciiOf(text))}`),
  }
}

function asciiOf(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/g, "?").slice(0, 1_024)
}
