import { type Clock, sleep } from "#base"
import {
  ApiError,
  type ApiObject,
  badRequest,
  type FieldRequirement,
  type ListOptions,
  matchesSelector,
  notFound,
  parseFieldSelector,
  parseSelector,
  type Selector,
  type VersionResolver,
} from "#meta"
import { notSupportedError } from "#schema"
import { CompactedError, type Revision, type Store } from "#store"
import { type Call, callKey, resourceName } from "../call.ts"
import { fromStorage } from "../conversion.ts"
import type { Hub } from "../hub/hub.ts"
import { keyFor, Record } from "../hub/record.ts"
import { forbiddenOption, invalidOptions } from "../invalid.ts"
import type { Resource } from "../resource.ts"
import { decodeContinue, encodeContinue, inconsistent } from "./continue-token.ts"

export interface ReaderOptions {
  readonly store: Store
  readonly hub: Hub
  readonly clock: Clock
  readonly resolve: VersionResolver
}

export interface Page {
  readonly records: readonly Record[]
  readonly revision: Revision
  readonly continue: string | undefined
  readonly remaining: number | undefined
}

export interface ReadOptions extends ListOptions {
  readonly resourceVersionMatch?: string | undefined
}

const futureWaitMs = 3_000
const storeBatch = 1_000

/** Answers gets and lists, from the hub wherever it can. */
export class Reader {
  readonly #options: ReaderOptions

  constructor(options: ReaderOptions) {
    this.#options = options
  }

  /** Errors: `NotFound`. */
  get(call: Call): Record {
    const name = call.name ?? ""
    const record = call.resource.table.get(callKey(call, name))
    if (!record) throw notFound(resourceName(call.resource), name)
    return record
  }

  /** A record as the call's version shows it. */
  show(resource: Resource, record: Record): ApiObject {
    return fromStorage(resource, record.object, this.#options.resolve)
  }

  /** Errors: `BadRequest`, `Expired` (410), `Timeout` (a revision from the future). */
  async list(call: Call, options: ReadOptions): Promise<Page> {
    checkListOptions(options)
    const matches = matcherOf(call, options)
    const isFiltered = Boolean(options.labelSelector) || Boolean(options.fieldSelector)
    const prefix = collectionPrefix(call)
    if (options.continue)
      return await this.#continued(call, options, { prefix, matches, isFiltered })
    const wanted = parseRevision(options.resourceVersion)
    await this.reach(wanted)
    const { table } = call.resource
    if (options.resourceVersionMatch === "Exact" && wanted < table.lastRevision) {
      return await this.#pageOfPast(options, {
        prefix,
        from: prefix,
        matches,
        isFiltered,
        revision: wanted,
      })
    }
    const isUnpaged = options.resourceVersion === "0"
    return page(candidates(call, options), {
      ...options,
      limit: isUnpaged ? undefined : options.limit,
      prefix,
      matches,
      isFiltered,
      revision: this.#options.hub.revision,
    })
  }

  async #continued(
    call: Call,
    options: ReadOptions,
    scope: { prefix: string; matches: (record: Record) => boolean; isFiltered: boolean },
  ): Promise<Page> {
    if (options.resourceVersion && options.resourceVersion !== "0") {
      throw badRequest("specifying resource version is not allowed when using continue")
    }
    const token = decodeContinue(options.continue ?? "")
    const from = scope.prefix + token.start
    const { table } = call.resource
    if (token.revision < 0 || table.lastRevision <= token.revision) {
      const revision = token.revision < 0 ? this.#options.hub.revision : token.revision
      return page(table.range(scope.prefix, from), { ...options, ...scope, revision })
    }
    return await this.#pageOfPast(options, { ...scope, from, revision: token.revision })
  }

  /** Reads the store as it was, no further than the page goes. */
  async #pageOfPast(
    { limit }: ReadOptions,
    scope: Omit<PageScope, "limit"> & { readonly from: string },
  ): Promise<Page> {
    const wanted = limit && limit > 0 ? limit : Number.POSITIVE_INFINITY
    const found: Record[] = []
    let from: string | undefined = scope.from
    let remaining = 0
    while (from !== undefined && found.length <= wanted) {
      const batch: { records: readonly Record[]; count: number } = await this.#stored(
        scope.prefix,
        from,
        scope.revision,
      )
      const { records, count } = batch
      if (from === scope.from) remaining = count - wanted
      found.push(...records.filter((record) => scope.matches(record)))
      const last = records.at(-1)
      from = last && records.length < count ? `${last.key}\0` : undefined
    }
    const next = found[wanted]
    return {
      records: found.slice(0, wanted),
      revision: scope.revision,
      continue: next && encodeContinue(scope.revision, next.key.slice(scope.prefix.length)),
      remaining: next && !scope.isFiltered ? remaining : undefined,
    }
  }

  async #stored(
    prefix: string,
    from: string,
    atRevision: Revision,
  ): Promise<{ readonly records: readonly Record[]; readonly count: number }> {
    try {
      const { entries, count } = await this.#options.store.list(prefix, {
        from,
        atRevision,
        limit: storeBatch,
      })
      const records = entries.map((entry) => new Record(entry.key, entry.value, entry.revision))
      return { records, count }
    } catch (error) {
      if (!(error instanceof CompactedError)) throw error
      throw expired(inconsistent(from.slice(prefix.length)), error)
    }
  }

  /** Waits a little for a revision that we have not seen yet. Errors: `Timeout`. */
  async reach(revision: Revision): Promise<void> {
    const { hub, clock } = this.#options
    if (hub.revision >= revision) return
    await Promise.race([hub.waitFor(revision), sleep(clock, futureWaitMs)])
    if (hub.revision >= revision) return
    const message = `Too large resource version: ${revision}, current: ${hub.revision}`
    throw new ApiError(504, "Timeout", message, {
      details: {
        causes: [{ reason: "ResourceVersionTooLarge", message: "Too large resource version" }],
        retryAfterSeconds: 1,
      },
    })
  }
}

interface PageScope {
  readonly prefix: string
  readonly matches: (record: Record) => boolean
  readonly isFiltered: boolean
  readonly revision: Revision
  readonly limit?: number | undefined
}

function page(source: Iterable<Record>, scope: PageScope): Page {
  const limit = scope.limit && scope.limit > 0 ? scope.limit : Number.POSITIVE_INFINITY
  const records: Record[] = []
  let next: Record | undefined
  let remaining = 0
  for (const record of source) {
    if (!scope.matches(record)) continue
    if (records.length < limit) records.push(record)
    else {
      next ??= record
      remaining += 1
      if (scope.isFiltered) break
    }
  }
  return {
    records,
    revision: scope.revision,
    continue: next && encodeContinue(scope.revision, next.key.slice(scope.prefix.length)),
    remaining: next && !scope.isFiltered ? remaining : undefined,
  }
}

/** The records that may match: all of the collection, or the one that the field selector names. */
export function* candidates(call: Call, options: ListOptions): Generator<Record> {
  const prefix = collectionPrefix(call)
  const { table, namespaced } = call.resource
  const name = options.fieldSelector ? nameIn(parseFieldSelector(options.fieldSelector)) : undefined
  const isPlaced = !namespaced || call.namespace !== undefined
  if (name === undefined || !isPlaced) return yield* table.range(prefix)
  const record = table.get(callKey(call, name))
  if (record) yield record
}

/** The name that a field selector asks for, if it asks for one. */
export function nameIn(fields: readonly FieldRequirement[]): string | undefined {
  return fields.find(({ field, negated }) => field === "metadata.name" && !negated)?.value
}

/** Errors: `Invalid` for options that contradict each other. */
function checkListOptions(options: ReadOptions): void {
  const { resourceVersion, resourceVersionMatch: match } = options
  if (match === undefined) return
  const field = "resourceVersionMatch"
  if (!resourceVersion) {
    const detail = `${field} is forbidden unless resourceVersion is provided`
    throw forbiddenOption("ListOptions", field, detail)
  }
  if (options.continue) {
    const detail = `${field} is forbidden when continue is provided`
    throw forbiddenOption("ListOptions", field, detail)
  }
  if (match !== "Exact" && match !== "NotOlderThan") {
    const supported = ["Exact", "NotOlderThan", ""]
    throw invalidOptions("ListOptions", notSupportedError(field, match, supported))
  }
  if (match === "Exact" && resourceVersion === "0") {
    const detail = `${field} "exact" is forbidden for resourceVersion "0"`
    throw forbiddenOption("ListOptions", field, detail)
  }
}

/** What the keys of the call's collection begin with. */
export function collectionPrefix(call: Call): string {
  const { prefix } = call.resource.table
  return call.namespace === undefined || !call.resource.namespaced
    ? prefix
    : keyFor(prefix, call.namespace, "")
}

/** The test that label selector, field selector and a name in the URL make together. */
export function matcherOf(call: Call, options: ListOptions): (record: Record) => boolean {
  const labels: Selector = options.labelSelector ? parseSelector(options.labelSelector) : []
  const fields = options.fieldSelector ? parseFieldSelector(options.fieldSelector) : []
  for (const { field } of fields) checkSelectable(call.resource, field)
  return (record) =>
    matchesSelector(labels, record.labels) &&
    fields.every((clause) => matchesField(call.resource, clause, record))
}

const nobody: ApiObject = { apiVersion: "v1", kind: "", metadata: { name: "" } }

function checkSelectable(resource: Resource, field: string): void {
  if (field !== "metadata.name" && field !== "metadata.namespace") {
    resource.selectable(nobody, field)
  }
}

function matchesField(resource: Resource, clause: FieldRequirement, record: Record): boolean {
  return (fieldValue(resource, clause.field, record) === clause.value) !== clause.negated
}

function fieldValue(resource: Resource, field: string, record: Record): string {
  if (field === "metadata.name") return record.name
  if (field === "metadata.namespace") return record.namespace
  return resource.selectable(record.object, field)
}

export function parseRevision(text: string | undefined): Revision {
  if (text === undefined || text === "") return 0
  if (/^\d{1,16}$/.test(text)) return Number(text)
  throw badRequest(`invalid resource version ${JSON.stringify(text)}: not a decimal integer`)
}

function expired(continueToken: string, cause: Error): ApiError {
  const error = new ApiError(
    410,
    "Expired",
    "The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results.",
    { cause },
  )
  return Object.assign(error, { continueToken })
}
