import type { Clock } from "#base"
import {
  ApiError,
  type ApiObject,
  type DeleteOptions,
  parseFieldSelector,
  type UserInfo,
  type VersionResolver,
} from "#meta"
import type { Authorizer } from "../authorization/authorizer.ts"
import { authorize } from "../authorization/authorize.ts"
import type { Call, WriteCall } from "../call.ts"
import type { Record } from "../hub/record.ts"
import { forbiddenOption } from "../invalid.ts"
import type { ResourceRegistry } from "../registry.ts"
import type { Resource } from "../resource.ts"
import type { SubresourceHandler, SubresourceHandlers } from "../subresources/handler.ts"
import { nameIn } from "../verbs/reader.ts"
import type { Verbs } from "../verbs/verbs.ts"
import type { Written } from "../verbs/writer.ts"
import { parseBody, parsePatch } from "./body.ts"
import { deleteOptions } from "./delete-options.ts"
import type { Exchange } from "./exchange.ts"
import { sendList, sendObject, type Shape, viewOf } from "./object-view.ts"
import { InFlight, type InFlightLimits } from "./in-flight.ts"
import { representationOf } from "./negotiate.ts"
import { booleanParameter, managerOf, readOptions, writeOptions } from "./query-options.ts"
import { sendJson, sendText, warningHeaders } from "./respond.ts"
import type { Route } from "./route.ts"
import { serveWatch, type SharedFrames } from "./watch-endpoint.ts"

export interface ResourceEndpointOptions {
  readonly registry: ResourceRegistry
  readonly verbs: Verbs
  readonly authorizer: Authorizer
  readonly subresources: SubresourceHandlers
  readonly resolve: VersionResolver
  readonly clock: Clock
  readonly limits?: InFlightLimits | undefined
}

type ResourceRoute = Extract<Route, { kind: "resource" }>

/** Answers requests for objects and collections. */
export class ResourceEndpoint {
  readonly #frames: SharedFrames = new WeakMap()
  readonly #options: ResourceEndpointOptions
  readonly #inFlight: InFlight

  constructor(options: ResourceEndpointOptions) {
    this.#options = options
    this.#inFlight = new InFlight(options.limits)
  }

  async serve(exchange: Exchange, route: ResourceRoute, user: UserInfo): Promise<void> {
    const resource = this.#find(exchange, route)
    if (!resource) return
    const warnings: string[] = []
    if (resource.deprecationWarning) warnings.push(resource.deprecationWarning)
    const verb = verbOf(exchange, route)
    const call: Call = {
      user,
      resource,
      namespace: resource.namespaced ? route.namespace : undefined,
      name: route.name,
      subresource: route.subresource,
      warn: (text) => void warnings.push(text),
    }
    authorize(this.#options.authorizer, authorizedCall(call, exchange, route), verb)
    this.#checkServed(call, verb)
    await this.#dispatch(exchange, call, verb, warnings)
  }

  /** An unknown group version is no API at all; an unknown resource in a known one is a Status. */
  #find(exchange: Exchange, route: ResourceRoute): Resource | undefined {
    const { registry } = this.#options
    const resource = registry.find(route.group, route.version, route.plural)
    if (resource) return resource
    if (registry.hasGroupVersion(route.group, route.version)) {
      throw new ApiError(404, "NotFound", "the server could not find the requested resource", {
        details: {},
      })
    }
    sendText(exchange, 404, "404 page not found\n")
    return undefined
  }

  #checkServed(call: Call, verb: string): void {
    const { resource, subresource } = call
    if (subresource === undefined) {
      const isEverywhere = resource.namespaced && call.namespace === undefined
      const needsHome = verb === "create" || verb === "deletecollection"
      if (!resource.verbs.includes(verb) || (isEverywhere && needsHome)) throw notAllowed()
      return
    }
    const isKnown =
      (subresource === "status" && resource.subresources.status) ||
      (subresource === "scale" && resource.subresources.scale) ||
      this.#options.subresources.find(call) !== undefined
    if (!isKnown) {
      throw new ApiError(404, "NotFound", "the server could not find the requested resource", {
        details: {},
      })
    }
  }

  async #dispatch(
    exchange: Exchange,
    call: Call,
    verb: string,
    warnings: readonly string[],
  ): Promise<void> {
    const leave = verb === "watch" ? undefined : this.#inFlight.enter(exchange.method, call.user)
    try {
      await this.#answer(exchange, call, verb, warnings)
    } finally {
      leave?.()
    }
  }

  async #answer(
    exchange: Exchange,
    call: Call,
    verb: string,
    warnings: readonly string[],
  ): Promise<void> {
    const shape: Shape = {
      call,
      representation: representationOf(exchange.headers.accept),
      includeObject: exchange.query.get("includeObject"),
      nowMs: this.#options.clock.now(),
      warnings,
      show: (record) => this.#options.verbs.show(call.resource, record),
    }
    const handler = this.#options.subresources.find(call)
    if (handler?.stream && verb === "get") return await sendStream(exchange, call, handler.stream)
    if (handler) return await this.#handle(exchange, handler, verb, shape)
    switch (verb) {
      case "get":
        return await sendObject(exchange, 200, recordAnswer(this.#options.verbs.get(call)), shape)
      case "list":
        return await this.#list(exchange, call, shape)
      case "watch":
        return await serveWatch(exchange, shape, { ...this.#options, frames: this.#frames })
      case "create":
      case "update":
      case "patch":
        return await this.#write(exchange, call, verb, shape)
      case "delete":
        return await this.#delete(exchange, call, shape)
      case "deletecollection":
        return await this.#deleteCollection(exchange, call, shape)
      default:
        throw notAllowed()
    }
  }

  async #list(exchange: Exchange, call: Call, shape: Shape): Promise<void> {
    if (exchange.query.has("sendInitialEvents")) {
      const detail = "sendInitialEvents is forbidden for list"
      throw forbiddenOption("ListOptions", "sendInitialEvents", detail)
    }
    const page = await this.#options.verbs.list(call, readOptions(exchange.query))
    await sendList(exchange, page, shape)
  }

  async #write(
    exchange: Exchange,
    call: Call,
    verb: "create" | "update" | "patch",
    shape: Shape,
  ): Promise<void> {
    const { verbs } = this.#options
    const body = await exchange.readBody()
    const contentType = exchange.headers["content-type"]
    let written: Written
    if (verb === "patch") {
      const { type, parsed } = await parsePatch(body, contentType)
      const options = writeOptions(exchange, parsed)
      const fieldManager = exchange.query.get("fieldManager") ?? undefined
      const force = booleanParameter(exchange.query, "force")
      const patch = { type, body: parsed.value }
      written = await verbs.patch({ ...call, options }, patch, { ...options, fieldManager, force })
    } else {
      const parsed = await parseBody(body, contentType)
      const writeCall: WriteCall = { ...call, options: writeOptions(exchange, parsed) }
      written = await verbs[verb](writeCall, parsed.value)
    }
    await sendObject(exchange, written.code, written, shape)
  }

  async #delete(exchange: Exchange, call: Call, shape: Shape): Promise<void> {
    const options = await deleteOptions(exchange)
    const answer = await this.#options.verbs.delete(internalWrite(call, exchange, options), options)
    if (answer.kind === "held" || isAlwaysShown(call.resource)) {
      await sendObject(exchange, 200, { object: answer.object, record: undefined }, shape)
    } else {
      sendJson(exchange, 200, answer.status, warningHeaders(shape.warnings))
    }
  }

  async #deleteCollection(exchange: Exchange, call: Call, shape: Shape): Promise<void> {
    const options = await deleteOptions(exchange)
    const page = await this.#options.verbs.deleteCollection(
      internalWrite(call, exchange, options),
      { ...readOptions(exchange.query), ...options },
    )
    await sendList(exchange, page, shape)
  }

  async #handle(
    exchange: Exchange,
    handler: SubresourceHandler,
    verb: string,
    shape: Shape,
  ): Promise<void> {
    const answer = await runHandler(exchange, shape.call, handler, verb)
    const { columns } = handler
    const shown = columns ? viewOf(answer, shape, { columns }) : answer
    sendJson(exchange, verb === "create" ? 201 : 200, shown, warningHeaders(shape.warnings))
  }
}

/** A failure before the first piece is an answer of its own; later it can only end the stream. */
async function sendStream(
  exchange: Exchange,
  call: Call,
  stream: NonNullable<SubresourceHandler["stream"]>,
): Promise<void> {
  const { query, signal } = exchange
  const pieces = stream(call, { query, signal })[Symbol.asyncIterator]()
  let piece = await pieces.next()
  exchange.begin(200, { "content-type": "text/plain; charset=utf-8", "cache-control": "no-cache" })
  while (!piece.done) {
    await exchange.write(Buffer.from(piece.value))
    piece = await pieces.next()
  }
  exchange.end()
}

async function runHandler(
  exchange: Exchange,
  call: Call,
  handler: SubresourceHandler,
  verb: string,
): Promise<ApiObject> {
  if (verb === "get" && handler.get) return await handler.get(call)
  const body = await exchange.readBody()
  const contentType = exchange.headers["content-type"]
  if (verb === "patch" && handler.patch) {
    const { type, parsed } = await parsePatch(body, contentType)
    const options = writeOptions(exchange, parsed)
    const fieldManager = exchange.query.get("fieldManager") ?? undefined
    const force = booleanParameter(exchange.query, "force")
    return await handler.patch(
      { ...call, options },
      { type, body: parsed.value },
      { ...options, fieldManager, force },
    )
  }
  const run = verb === "create" ? handler.create : verb === "update" ? handler.update : undefined
  if (!run) throw notAllowed()
  const parsed = await parseBody(body, contentType)
  return await run({ ...call, options: writeOptions(exchange, parsed) }, parsed.value)
}

/**
 * What a call is about in the eyes of RBAC: a namespace is in itself, a selector can name one
 * object.
 */
function authorizedCall(call: Call, exchange: Exchange, route: ResourceRoute): Call {
  const { resource, name } = call
  if (resource.group === "" && resource.plural === "namespaces") {
    return { ...call, namespace: name }
  }
  if (name !== undefined || exchange.method === "POST") return call
  return { ...call, name: selectedName(exchange, route) }
}

function selectedName(exchange: Exchange, route: ResourceRoute): string | undefined {
  const selector = exchange.query.get("fieldSelector")
  if (!selector || route.name !== undefined) return undefined
  return nameIn(parseFieldSelector(selector))
}

function recordAnswer(record: Record): { object: undefined; record: Record } {
  return { object: undefined, record }
}

function internalWrite(call: Call, exchange: Exchange, options: DeleteOptions): WriteCall {
  return { ...call, options: { manager: managerOf(exchange), dryRun: options.dryRun } }
}

/** Definitions and namespaces outlive their DELETE, so clients always get the object. */
function isAlwaysShown(resource: Resource): boolean {
  return resource.plural === "customresourcedefinitions" || resource.plural === "namespaces"
}

function verbOf(exchange: Exchange, route: ResourceRoute): string {
  const isNamed = route.name !== undefined
  switch (exchange.method) {
    case "GET": {
      const watches = booleanParameter(exchange.query, "watch") === true || route.watches
      if (watches && route.subresource === undefined) return "watch"
      return isNamed ? "get" : "list"
    }
    case "POST":
      return "create"
    case "PUT":
      return "update"
    case "PATCH":
      return "patch"
    case "DELETE":
      return isNamed ? "delete" : "deletecollection"
    default:
      throw notAllowed()
  }
}

function notAllowed(): ApiError {
  return new ApiError(
    405,
    "MethodNotAllowed",
    "the server does not allow this method on the requested resource",
    { details: {} },
  )
}
