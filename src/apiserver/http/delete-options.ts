import { isObject } from "#base"
import { ApiError, badRequest, type DeleteOptions } from "#meta"
import { parseBody } from "./body.ts"
import type { Exchange } from "./exchange.ts"
import { dryRunOf } from "./query-options.ts"

const policies = ["Background", "Foreground", "Orphan"] as const

/** `metav1.DeleteOptions` from the body, else from the query. Errors: `BadRequest`, `Invalid`. */
export async function deleteOptions(exchange: Exchange): Promise<DeleteOptions> {
  const body = await exchange.readBody()
  const parsed =
    body.length === 0 ? undefined : parseBody(body, exchange.headers["content-type"]).value
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
    throw invalidOptions(
      "propagationPolicy: Invalid value: orphanDependents and deletionPropagation cannot be both set",
    )
  }
  if (policy !== undefined && !policies.some((known) => known === policy)) {
    throw invalidOptions(
      `propagationPolicy: Unsupported value: ${JSON.stringify(policy)}: supported values: "Foreground", "Background", "Orphan", "nil"`,
    )
  }
  const grace = source["gracePeriodSeconds"] ?? query.get("gracePeriodSeconds") ?? undefined
  const dryRun = Array.isArray(source["dryRun"]) && source["dryRun"].length > 0
  return {
    propagationPolicy: (policy as DeleteOptions["propagationPolicy"]) ?? orphanPolicy(orphan),
    preconditions: preconditionsOf(source["preconditions"]),
    gracePeriodSeconds: grace === undefined ? undefined : Number(grace),
    dryRun: dryRun || dryRunOf(query),
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

function invalidOptions(problem: string): ApiError {
  return new ApiError(422, "Invalid", `DeleteOptions.meta.k8s.io is invalid: ${problem}`)
}
