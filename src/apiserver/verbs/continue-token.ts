import { isObject } from "#base"
import { badRequest } from "#meta"
import type { Revision } from "#store"

/** Where a paged list goes on, and at which revision. A revision of -1 gives up consistency. */
export interface ContinueToken {
  readonly revision: Revision
  /** The next key, relative to the collection's prefix. */
  readonly start: string
}

const version = "meta.k8s.io/v1"

/** Upstream's token: base64url of `{"v":"meta.k8s.io/v1","rv":N,"start":"…"}`. */
export function encodeContinue(revision: Revision, start: string): string {
  return Buffer.from(JSON.stringify({ v: version, rv: revision, start })).toString("base64url")
}

/** A token that goes on from `start` with whatever is there then. */
export function inconsistent(start: string): string {
  return encodeContinue(-1, start)
}

/** Errors: `BadRequest`. */
export function decodeContinue(text: string): ContinueToken {
  const token = parse(text)
  if (
    !isObject(token) ||
    token["v"] !== version ||
    !Number.isSafeInteger(token["rv"]) ||
    typeof token["start"] !== "string"
  ) {
    throw badRequest("continue key is not valid: it was not issued by this server")
  }
  return { revision: token["rv"] as number, start: token["start"] }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(Buffer.from(text, "base64url").toString("utf8"))
  } catch {
    return undefined
  }
}
