import { constants, createGzip, gzip } from "node:zlib"
import { once } from "node:events"
import { promisify } from "node:util"
import type { Exchange, ResponseHeaders } from "./exchange.ts"

/** Below this, compressing costs more than it saves. */
export const gzipMinBytes = 128 * 1024

const level = constants.Z_BEST_SPEED
const compress = promisify(gzip)

export function acceptsGzip(exchange: Exchange): boolean {
  const accepted = exchange.headers["accept-encoding"] ?? ""
  return [accepted]
    .flat()
    .join(",")
    .split(",")
    .some((coding) => /^\s*gzip\s*(;\s*q=(?!0(\.0*)?\s*$).*)?$/i.test(coding))
}

/** Takes the pieces of a body, in order. */
export interface BodyWriter {
  /** Resolves when there is room for more; rejects when the client has gone. */
  write(chunk: Buffer): Promise<void>
  end(chunk: Buffer): Promise<void>
}

/**
 * Begins an answer whose length is not known, compressed where that pays and the client can take
 * it.
 */
export function beginBody(
  exchange: Exchange,
  headers: ResponseHeaders,
  expectedBytes: number,
): BodyWriter {
  if (expectedBytes < gzipMinBytes || !acceptsGzip(exchange)) {
    exchange.begin(200, headers)
    return {
      write: (chunk) => exchange.write(chunk),
      end: async (chunk) => exchange.end(chunk),
    }
  }
  exchange.begin(200, { ...headers, "content-encoding": "gzip", vary: "Accept-Encoding" })
  return gzipWriter(exchange)
}

function gzipWriter(exchange: Exchange): BodyWriter {
  const stream = createGzip({ level })
  const { signal } = exchange
  const leave = (): void => void stream.destroy()
  signal.addEventListener("abort", leave, { once: true })
  const pumped = (async () => {
    for await (const chunk of stream) await exchange.write(chunk as Buffer)
    exchange.end()
  })()
  pumped.catch(() => {})
  return {
    async write(chunk) {
      signal.throwIfAborted()
      if (!stream.write(chunk)) await once(stream, "drain", { signal })
    },
    async end(chunk) {
      stream.end(chunk)
      await pumped.finally(() => signal.removeEventListener("abort", leave))
    },
  }
}

/** A whole body as it is to be sent, with the headers that say how. */
export async function encodeBody(
  exchange: Exchange,
  body: Buffer,
): Promise<{ readonly body: Buffer; readonly headers: ResponseHeaders }> {
  if (body.length < gzipMinBytes || !acceptsGzip(exchange)) return { body, headers: {} }
  return {
    body: await compress(body, { level }),
    headers: { "content-encoding": "gzip", vary: "Accept-Encoding" },
  }
}
