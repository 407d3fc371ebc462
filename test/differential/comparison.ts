import { type JsonObject, isObject } from "#base"
import {
  ApiError,
  ApplyError,
  applyJsonPatch,
  applyMergePatch,
  applyPatchOrThrow,
  applyStrategicMergePatch,
  type ManagedFieldsEntry,
  PatchError,
  resetFieldsOf,
  trackUpdate,
} from "#meta"
import type { Definitions, Schema } from "#schema"
import type { RealApiServer } from "./real-api-server.ts"

/** A kind as both sides know it. */
export interface ComparedKind {
  readonly apiVersion: string
  readonly kind: string
  /** Path of the collection on the real server. */
  readonly collection: string
  readonly schema: Schema
  readonly definitions?: Definitions | undefined
  readonly hasStatus: boolean
  /** What the real server compares a new object with: Go's zero value has some fields already. */
  readonly empty?: JsonObject | undefined
  /** Compare only who owns what: the server fills objects with defaults. */
  readonly ownersOnly?: boolean | undefined
}

export interface Step {
  readonly verb: "apply" | "create" | "update" | "merge" | "json" | "strategic"
  readonly manager: string
  /** For `update`, a function of the object as it is. */
  readonly body: unknown
  readonly force?: boolean | undefined
  readonly subresource?: string | undefined
  /** Compare only who owns what: the server defaults or takes back part of what is asked for. */
  readonly ownersOnly?: boolean | undefined
  /**
   * The step takes the last thing out of a field of a custom resource. The real server puts null
   * there, and refuses it where the schema does; we leave the field out, or empty if an applier
   * says so. `perhaps` where that depends.
   */
  readonly empties?: "surely" | "perhaps" | undefined
}

/** What came of a step: an object, or why not. Only what both sides can agree on. */
interface Result {
  readonly object?: unknown
  readonly managedFields?: unknown
  readonly error?: unknown
}

interface Stored {
  readonly [field: string]: unknown
  readonly metadata: JsonObject & { readonly managedFields?: readonly ManagedFieldsEntry[] }
}

const contentTypes = {
  apply: "application/apply-patch+yaml",
  merge: "application/merge-patch+json",
  json: "application/json-patch+json",
  strategic: "application/strategic-merge-patch+json",
  create: "application/json",
  update: "application/json",
} as const

/** Runs one step on the real server and on our functions, from the same stored object. */
export async function compareStep(
  server: RealApiServer,
  kind: ComparedKind,
  name: string,
  step: Step,
): Promise<{ readonly real: Result; readonly ours: Result }> {
  const path = `${kind.collection}/${name}`
  const read = await server.send({ method: "GET", path })
  const before = read.code === 200 ? (read.body as Stored) : undefined
  const sent = sentBody(kind, name, step, before)
  const query = `?fieldManager=${step.manager}${step.force ? "&force=true" : ""}`
  const place = step.verb === "create" ? kind.collection : path
  const answer = await server.send({
    method: step.verb === "create" ? "POST" : step.verb === "update" ? "PUT" : "PATCH",
    path: `${place}${step.subresource ? `/${step.subresource}` : ""}${query}`,
    body: sent,
    contentType: contentTypes[step.verb],
  })
  const after = answer.code < 300 ? (answer.body as Stored) : undefined
  const ours = attempt(() => ourResult(kind, step, { before, sent, after }))
  if (after) return { real: resultOf({ kind, step }, after, after.metadata.managedFields), ours }
  const error = statusOf(answer)
  // Of patches that do not apply only the code is comparable: the texts are each side's own, and a
  // strategic patch without its merge key is no internal error with us.
  const codeOnly = isObject(ours.error) && Object.keys(ours.error).length === 1
  const code = step.verb === "strategic" && answer.code === 500 ? 422 : answer.code
  return { real: { error: codeOnly ? { code } : error }, ours }
}

function sentBody(
  kind: ComparedKind,
  name: string,
  step: Step,
  before: Stored | undefined,
): unknown {
  const body =
    typeof step.body === "function"
      ? (step.body as (object: unknown) => unknown)(before)
      : step.body
  if (step.verb === "json" || step.verb === "merge" || step.verb === "strategic") return body
  const { metadata, ...rest } = body as { metadata?: object }
  return { apiVersion: kind.apiVersion, kind: kind.kind, ...rest, metadata: { name, ...metadata } }
}

function attempt(run: () => Result): Result {
  try {
    return run()
  } catch (error) {
    if (error instanceof ApiError) {
      const { code, reason, message, details } = error
      return {
        error: { code, reason, message: sorted(message), causes: causesOf(details?.causes) },
      }
    }
    if (error instanceof ApplyError) {
      return { error: { code: 500, reason: "", message: sorted(error.message), causes: [] } }
    }
    if (error instanceof PatchError) return { error: { code: error.code } }
    throw error
  }
}

/**
 * The lines of a message in one order: the real server lists conflicts in the order of a Go map.
 */
function sorted(message: string): string {
  const [first = "", ...lines] = message.split("\n")
  return [first, ...lines.sort()].join("\n")
}

function causesOf(causes: unknown): unknown[] {
  const texts = Array.isArray(causes) ? causes.map((cause) => JSON.stringify(normal(cause))) : []
  return texts.sort()
}

/** With members in order of their names. */
function normal(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(normal)
  if (!isObject(value)) return value
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((name) => [name, normal(value[name])]),
  )
}

function statusOf({ code, body }: { code: number; body: unknown }): unknown {
  const {
    reason = "",
    message = "",
    details,
  } = body as {
    reason?: string
    message?: string
    details?: { causes?: unknown }
  }
  return { code, reason, message: sorted(message), causes: causesOf(details?.causes) }
}

interface Task {
  readonly kind: ComparedKind
  readonly step: Step
}

interface Exchange {
  readonly before: Stored | undefined
  readonly sent: unknown
  readonly after: Stored | undefined
}

/** The second in which the real server did the step, read from the entry that it wrote. */
function timeOf({ before, after }: Exchange): number {
  const known = new Set((before?.metadata.managedFields ?? []).map((entry) => entry.time))
  const fresh = (after?.metadata.managedFields ?? []).find((entry) => !known.has(entry.time))
  const last = (after?.metadata.managedFields ?? []).map((entry) => Date.parse(entry.time ?? ""))
  return fresh?.time ? Date.parse(fresh.time) : Math.max(0, ...last.filter(Number.isFinite))
}

function ourResult(kind: ComparedKind, step: Step, exchange: Exchange): Result {
  const { before, sent, after } = exchange
  const common = {
    apiVersion: kind.apiVersion,
    schema: kind.schema,
    definitions: kind.definitions,
    empty: kind.empty,
    manager: step.manager,
    subresource: step.subresource ?? "",
    nowMs: timeOf(exchange),
    resetFields: resetFieldsOf({ subresource: step.subresource ?? "", hasStatus: kind.hasStatus }),
  }
  if (step.verb === "apply") {
    const config = sent as JsonObject
    const applied = applyPatchOrThrow({
      ...common,
      live: before,
      config,
      force: step.force ?? false,
    })
    const object = applied.object as unknown as Stored
    return resultOf({ kind, step }, object, applied.managedFields)
  }
  const requested = requestedObject(kind, step, exchange)
  if (!after) return resultOf({ kind, step }, requested, undefined)
  const managedFields = trackUpdate({
    ...common,
    old: before,
    new: {
      ...after,
      metadata: { ...after.metadata, managedFields: requested.metadata.managedFields },
    },
  })
  return resultOf({ kind, step }, requested, managedFields)
}

/** The object that a write asks for, before the server's own additions. */
function requestedObject(kind: ComparedKind, step: Step, { before, sent }: Exchange): Stored {
  switch (step.verb) {
    case "merge":
      return applyMergePatch(before, sent) as Stored
    case "json":
      return applyJsonPatch(before, sent) as Stored
    case "strategic":
      return applyStrategicMergePatch(before ?? {}, sent, kind.schema, kind.definitions) as Stored
    case "create":
    case "update":
    case "apply":
      return sent as Stored
  }
}

function resultOf({ kind, step }: Task, object: Stored, managedFields: unknown): Result {
  const entries = normal(managedFields)
  const owners = kind.ownersOnly || step.ownersOnly
  return owners
    ? { managedFields: entries }
    : { object: contentOf(kind, object), managedFields: entries }
}

const servers = ["creationTimestamp", "generation", "managedFields", "resourceVersion", "uid"]

/** An object without what the server writes into it; Go leaves out what is empty. */
function contentOf({ empty }: ComparedKind, object: Stored): unknown {
  const metadata = Object.fromEntries(
    Object.entries(object.metadata).filter(
      ([name]) => !servers.includes(name) && name !== "namespace",
    ),
  )
  const content = normal({ ...object, metadata })
  return empty ? withoutEmpty(content) : content
}

function withoutEmpty(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutEmpty)
  if (!isObject(value)) return value
  const members = Object.entries(value).map(
    ([name, member]) => [name, withoutEmpty(member)] as const,
  )
  return Object.fromEntries(members.filter(([, member]) => !isEmpty(member)))
}

function isEmpty(value: unknown): boolean {
  return typeof value === "object" && value !== null && Object.keys(value).length === 0
}
