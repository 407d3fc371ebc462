import { isObject } from "#base"
import { badRequest, type DeleteOptions } from "#meta"
import { invalidError, notSupportedError } from "#schema"
import { invalidOptions } from "../invalid.ts"
import { parseBody } from "./body.ts"
import type { Exchange } from "./exchange.ts"
import { dryRunOf, isDryRun } from "./query-options.ts"

const policies = ["Background", "Foreground", "Orphan"] as const

/** `metav1.DeleteOptions` from the body, else from the query. Errors: `BadRequest`, `Invalid`. */
export async function deleteOptions(exchange: Exchange): Promise<DeleteOptions> {
  const body = await exchange.readBody()
  const parsed =
    body.length === 0 ? undefined : (await parseBody(body, exchange.headers["content-type"])).value
  return parseDeleteOptions(parsed, exchange.query)
}

function parseDeleteOptions(body: unknown, query: URLSearchParams): DeleteOptions {
  if (body !== undefined && body !== null && !isObject(body)) {
    throw badRequest("the body of a delete must be DeleteOptions")
  }
  const source = body ?? {}
  const policy = source["propagationPolicy"] ?? query.get("propagationPolicy") ?? undefined
  const orphan = source["orphanDependents"] ?? orphanParameter(query)
  if (policy !== undefined && orphan !== undefined) {
    const detail = "orphanDependents and deletionPropagation cannot be both set"
    throw invalidOptions("DeleteOptions", invalidError("propagationPolicy", policy, detail))
  }
  if (policy !== undefined && !policies.some((known) => known === policy)) {
    const supported = ["Foreground", "Background", "Orphan", "nil"]
    throw invalidOptions("DeleteOptions", notSupportedError("propagationPolicy", policy, supported))
  }
  const grace = source["gracePeriodSeconds"] ?? query.get("gracePeriodSeconds") ?? undefined
  if (grace !== undefined && !Number.isSafeInteger(Number(grace))) {
    throw badRequest(`gracePeriodSeconds: ${JSON.stringify(grace)} is not a number`)
  }
  const asked: unknown = source["dryRun"]
  const dryRun = isDryRun(Array.isArray(asked) ? asked : [], "DeleteOptions")
  return {
    propagationPolicy: (policy as DeleteOptions["propagationPolicy"]) ?? orphanPolicy(orphan),
    preconditions: preconditionsOf(source["preconditions"]),
    gracePeriodSeconds: grace === undefined ? undefined : Number(grace),
    dryRun: dryRun || dryRunOf(query, "DeleteOptions"),
  }
}

function orphanParameter(query: URLSearchParams): boolean | undefined {
  const value = query.get("orphanDependents")
  return value === null ? undefined : value === "true"
}

function orphanPolicy(orphan: unknown): DeleteOptions["propagationPolicy"] {
  if (orphan === undefined) return undefined
  return orphan === true ? "Orphan" : "Background"
}

function preconditionsOf(source: unknown): DeleteOptions["preconditions"] {
  if (!isObject(source)) return undefined
  const { uid, resourceVersion } = source
  return {
    uid: typeof uid === "string" ? uid : undefined,
    resourceVersion: typeof resourceVersion === "string" ? resourceVersion : undefined,
  }
}
