import { badRequest, type WriteOptions } from "#meta"
import { invalidError, notSupportedError, tooLongError } from "#schema"
import { invalidOptions, type OptionsKind } from "../invalid.ts"
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
  if (limit !== null && limit !== "" && !/^-?\d+$/.test(limit)) {
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
const validations = ["", "Ignore", "Strict", "Warn"]

const optionsOfMethod: Readonly<Record<string, OptionsKind>> = {
  DELETE: "DeleteOptions",
  PATCH: "PatchOptions",
  POST: "CreateOptions",
  PUT: "UpdateOptions",
}

function optionsKind(exchange: Exchange): OptionsKind {
  return optionsOfMethod[exchange.method] ?? "ListOptions"
}

/**
 * Who writes, for managed fields: as the client says, or as its user agent does. Errors: `Invalid`.
 */
export function managerOf(exchange: Exchange): string {
  const named = exchange.query.get("fieldManager")
  const field = "fieldManager"
  if (named !== null && named.length > managerMaxLength) {
    throw invalidOptions(optionsKind(exchange), tooLongError(field, managerMaxLength))
  }
  if (named !== null && !/^[\p{L}\p{M}\p{N}\p{P}\p{S} ]*$/u.test(named)) {
    const detail = "should only contain printable characters"
    throw invalidOptions(optionsKind(exchange), invalidError(field, named, detail))
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
  if (validation && !validations.includes(validation)) {
    const error = notSupportedError("fieldValidation", validation, validations)
    throw invalidOptions(optionsKind(exchange), error)
  }
  return {
    manager: managerOf(exchange),
    fieldManager: query.get("fieldManager") ?? undefined,
    fieldValidation: validation as WriteOptions["fieldValidation"],
    dryRun: dryRunOf(query, optionsKind(exchange)),
    strictFindings: parsed.findings,
  }
}

/** Errors: `Invalid` for anything but `All`. */
export function dryRunOf(query: URLSearchParams, kind: OptionsKind): boolean {
  return isDryRun(
    query.getAll("dryRun").filter((value) => value !== ""),
    kind,
  )
}

/** Errors: `Invalid` for anything but `All`. */
export function isDryRun(values: readonly unknown[], kind: OptionsKind): boolean {
  if (values.some((value) => value !== "All")) {
    throw invalidOptions(kind, notSupportedError("dryRun", values, ["All"]))
  }
  return values.length > 0
}
