import type { Clock } from "#base"
import {
  ApiError,
  type ApiObject,
  apiVersionOf,
  badRequest,
  type VersionResolver,
  type WatchOptions,
} from "#meta"
import { forbiddenOption } from "../invalid.ts"
import type { ResourceRegistry } from "../registry.ts"
import type { Verbs } from "../verbs/verbs.ts"
import type { WatchBatch, WatchItem } from "../verbs/watch-channel.ts"
import { itemObject, watchError } from "../verbs/watcher.ts"
import type { Exchange } from "./exchange.ts"
import { type Shape, storedBytes } from "./object-view.ts"
import { booleanParameter, readOptions } from "./query-options.ts"
import { warningHeaders } from "./respond.ts"
import { metadataOf, tableOf } from "./table-view.ts"

export interface WatchEndpointOptions {
  readonly verbs: Verbs
  readonly registry: ResourceRegistry
  readonly resolve: VersionResolver
  readonly clock: Clock
  readonly frames: SharedFrames
}

const timeoutDefaultSeconds = 45 * 60
/** For clients that do not even read the end of a watch whose time is up. */
const graceMs = 10_000
const initialEventsEnd = "k8s.io/initial-events-end"

/** Streams changes as JSON frames until the client leaves, time is up or it cannot keep up. */
export async function serveWatch(
  exchange: Exchange,
  shape: Shape,
  options: WatchEndpointOptions,
): Promise<void> {
  const { call } = shape
  const watchOptions = parseWatchOptions(exchange.query, call.name)
  const frames = new Frames(shape, options)
  const begin = (): void =>
    exchange.begin(200, {
      "content-type": "application/json",
      "cache-control": "no-cache, private",
      ...warningHeaders(shape.warnings),
    })
  let watch: ReturnType<Verbs["watch"]>
  try {
    watch = options.verbs.watch(call, watchOptions)
    await watch.prepare()
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== 410) throw error
    begin()
    exchange.end(errorFrame(error))
    return
  }
  begin()
  const seconds = Number(exchange.query.get("timeoutSeconds") ?? 0) || timeoutDefaultSeconds
  const timer = options.clock.after(seconds * 1000, () => watch.end())
  const late = options.clock.after(seconds * 1000 + graceMs, () => exchange.abort())
  const onGone = (): void => watch.end()
  exchange.signal.addEventListener("abort", onGone, { once: true })
  watch.overflow.addEventListener("abort", () => exchange.abort(), { once: true })
  const forget = options.registry.onReplaced(call.resource, () => watch.end())
  try {
    for await (const batch of watch) await exchange.write(frames.encode(batch))
    exchange.end()
  } catch (error) {
    if (!exchange.signal.aborted) exchange.end(errorFrame(watchError(error)))
  } finally {
    timer.cancel()
    late.cancel()
    forget()
    exchange.signal.removeEventListener("abort", onGone)
  }
}

const newline = Buffer.from("}\n")
const prefixes = {
  ADDED: Buffer.from('{"type":"ADDED","object":'),
  MODIFIED: Buffer.from('{"type":"MODIFIED","object":'),
  DELETED: Buffer.from('{"type":"DELETED","object":'),
  BOOKMARK: Buffer.from('{"type":"BOOKMARK","object":'),
}

/**
 * What batches are as bytes. Who watches the same thing is sent the same bytes, so that a thousand
 * watchers cost hardly more than the sending.
 */
export type SharedFrames = WeakMap<WatchBatch, Buffer>

/** Turns batches into the bytes of their frames. */
class Frames {
  readonly #shape: Shape
  readonly #resolve: VersionResolver
  readonly #shared: SharedFrames

  constructor(shape: Shape, { resolve, frames }: WatchEndpointOptions) {
    this.#shape = shape
    this.#resolve = resolve
    this.#shared = frames
  }

  encode(batch: WatchBatch): Buffer {
    const isShared = this.#shape.representation.kind === "object"
    const known = isShared ? this.#shared.get(batch) : undefined
    if (known) return known
    const bytes = Buffer.concat(
      batch.items.flatMap((item) => [prefixes[item.type], this.#object(item), newline]),
    )
    if (isShared) this.#shared.set(batch, bytes)
    return bytes
  }

  #object(item: WatchItem): Buffer {
    if (item.type === "BOOKMARK") return this.#bookmark(item.revision, item.initialEventsEnd)
    const isStored =
      this.#shape.representation.kind === "object" && item.record.revision === item.revision
    return (isStored && storedBytes(this.#shape, item.record)) || this.#view(item)
  }

  #view(item: Exclude<WatchItem, { type: "BOOKMARK" }>): Buffer {
    const { resource } = this.#shape.call
    const object = itemObject(resource, item, this.#resolve)
    return Buffer.from(JSON.stringify(this.#represent(object)))
  }

  #represent(object: ApiObject): unknown {
    const { representation, call } = this.#shape
    switch (representation.kind) {
      case "object":
        return object
      case "metadata":
        return metadataOf(object)
      case "table": {
        const metadata = { resourceVersion: object.metadata.resourceVersion }
        const { version } = representation
        return tableOf(call.resource, [object], metadata, { ...this.#shape, version })
      }
    }
  }

  #bookmark(revision: number, isInitialEnd: boolean): Buffer {
    const { resource } = this.#shape.call
    const isMetadata = this.#shape.representation.kind === "metadata"
    const type = isMetadata
      ? { kind: "PartialObjectMetadata", apiVersion: "meta.k8s.io/v1" }
      : { kind: resource.kind, apiVersion: apiVersionOf(resource.group, resource.version) }
    const object = {
      ...type,
      metadata: {
        resourceVersion: String(revision),
        creationTimestamp: null,
        ...(isInitialEnd ? { annotations: { [initialEventsEnd]: "true" } } : {}),
      },
    }
    const { representation } = this.#shape
    if (representation.kind !== "table") return Buffer.from(JSON.stringify(object))
    const table = tableOf(
      resource,
      [],
      { resourceVersion: String(revision) },
      { ...this.#shape, version: representation.version },
    ) as object
    const row = { cells: resource.columns.map(() => null), object }
    return Buffer.from(JSON.stringify({ ...table, rows: [row] }))
  }
}

function errorFrame(error: ApiError): Buffer {
  return Buffer.from(`${JSON.stringify({ type: "ERROR", object: error.toStatus() })}\n`)
}

/** Errors: `Invalid` for option combinations that would leave a client waiting for ever. */
function parseWatchOptions(query: URLSearchParams, name: string | undefined): WatchOptions {
  const { labelSelector, fieldSelector, resourceVersion, resourceVersionMatch } = readOptions(query)
  const sendInitialEvents = booleanParameter(query, "sendInitialEvents")
  if (sendInitialEvents !== undefined && resourceVersionMatch !== "NotOlderThan") {
    throw forbiddenOption(
      "ListOptions",
      "resourceVersionMatch",
      "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan",
    )
  }
  if (sendInitialEvents === undefined && resourceVersionMatch !== undefined) {
    throw forbiddenOption(
      "ListOptions",
      "resourceVersionMatch",
      "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided",
    )
  }
  const timeout = query.get("timeoutSeconds")
  if (timeout !== null && !/^\d*$/.test(timeout)) {
    throw badRequest(`timeoutSeconds: ${JSON.stringify(timeout)} is not a number`)
  }
  const byName = name === undefined ? undefined : `metadata.name=${name}`
  return {
    labelSelector,
    fieldSelector: [fieldSelector, byName].filter(Boolean).join(",") || undefined,
    resourceVersion,
    sendInitialEvents,
    allowBookmarks: booleanParameter(query, "allowWatchBookmarks"),
  }
}
