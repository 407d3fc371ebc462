import { ApiError, badRequest, type WriteOptions } from "#meta"
import type { ReadOptions } from "../verbs/reader.ts"
import type { ParsedBody } from "./body.ts"
import type { Exchange } from "./exchange.ts"

/** `true`, `1`, `false`, `0` or absent. */
export function booleanParameter(query: URLSearchParams, name: string): boolean | undefined {
  const value = query.get(name)
  if (value === null) return undefined
  return value === "true" || value === "1" || value === ""
}

/** What a list's or watch's query asks for. Errors: `BadRequest`. */
export function readOptions(query: URLSearchParams): ReadOptions {
  const limit = query.get("limit")
  if (limit !== null && limit !== "" && !/^\d+$/.test(limit)) {
    throw badRequest(`limit: ${JSON.stringify(limit)} is not a number`)
  }
  return {
    labelSelector: query.get("labelSelector") ?? undefined,
    fieldSelector: query.get("fieldSelector") ?? undefined,
    limit: limit ? Number(limit) : undefined,
    continue: query.get("continue") || undefined,
    resourceVersion: query.get("resourceVersion") ?? undefined,
    resourceVersionMatch: query.get("resourceVersionMatch") ?? undefined,
  }
}

const managerMaxLength = 128

/** Who writes, for managed fields: as the client says, or as its user agent does. */
export function managerOf(exchange: Exchange): string {
  const named = exchange.query.get("fieldManager")
  if (named !== null && named.length > managerMaxLength) {
    throw badRequest(`fieldManager: may not be longer than ${managerMaxLength} characters`)
  }
  const agent = exchange.headers["user-agent"]?.split("/")[0] ?? "unknown"
  return (named || agent).slice(0, managerMaxLength)
}

/** What a write's query asks for. Errors: `BadRequest`, `Invalid`. */
export function writeOptions(
  exchange: Exchange,
  parsed: ParsedBody,
): WriteOptions & { manager: string; strictFindings: readonly string[] } {
  const { query } = exchange
  const validation = query.get("fieldValidation") || undefined
  if (validation && !["Ignore", "Warn", "Strict"].includes(validation)) {
    throw new ApiError(
      422,
      "Invalid",
      `fieldValidation: Unsupported value: ${JSON.stringify(validation)}: supported values: "Ignore", "Warn", "Strict"`,
    )
  }
  return {
    manager: managerOf(exchange),
    fieldManager: query.get("fieldManager") ?? undefined,
    fieldValidation: validation as WriteOptions["fieldValidation"],
    dryRun: dryRunOf(query),
    strictFindings: parsed.findings,
  }
}

/** Errors: `Invalid` for anything but `All`. */
export function dryRunOf(query: URLSearchParams): boolean {
  const values = query.getAll("dryRun").filter((value) => value !== "")
  if (values.some((value) => value !== "All")) {
    throw new ApiError(
      422,
      "Invalid",
      `dryRun: Unsupported value: ${JSON.stringify(values[0])}: supported values: "All"`,
    )
  }
  return values.length > 0
}
