import type { Clock, Logger } from "#base"
import { type UserInfo, type VersionResolver } from "#meta"
import type { Authenticator } from "../authentication/authenticator.ts"
import { impersonate } from "../authentication/impersonation.ts"
import { authorizePath } from "../authorization/authorize.ts"
import type { Authorizer } from "../authorization/authorizer.ts"
import { Discovery } from "../discovery/discovery.ts"
import { OpenApi } from "../openapi/open-api.ts"
import type { ResourceRegistry } from "../registry.ts"
import type { SubresourceHandlers } from "../subresources/handler.ts"
import type { Verbs } from "../verbs/verbs.ts"
import type { Exchange } from "./exchange.ts"
import type { InFlightLimits } from "./in-flight.ts"
import { ResourceEndpoint } from "./resource-endpoint.ts"
import { apiErrorOf, sendError, sendJson, sendText } from "./respond.ts"
import { routeOf } from "./route.ts"
import { serveHealth, versionInfo } from "./server-info.ts"

export interface DispatcherOptions {
  readonly clock: Clock
  readonly log: Logger
  readonly version: string
  readonly registry: ResourceRegistry
  readonly verbs: Verbs
  readonly authorizer: Authorizer
  readonly authenticator: Authenticator
  readonly subresources: SubresourceHandlers
  readonly resolve: VersionResolver
  readonly tokens: { readonly issuer: string; readonly verifier: KeySetSource }
  readonly isReady: () => boolean
  readonly metrics?: (() => Promise<string>) | undefined
  readonly limits?: InFlightLimits | undefined
}

interface KeySetSource {
  keySet(): Promise<unknown>
}

/** Takes a request from its user's name to the endpoint that answers it. */
export class Dispatcher {
  readonly #options: DispatcherOptions
  readonly #resources: ResourceEndpoint
  readonly #discovery: Discovery
  readonly #openApi: OpenApi

  constructor(options: DispatcherOptions) {
    this.#options = options
    this.#resources = new ResourceEndpoint(options)
    this.#discovery = new Discovery(options.registry)
    this.#openApi = new OpenApi({ registry: options.registry, version: options.version })
  }

  /** Answers every request, failures included; rejects only when the answer itself fails. */
  async handle(exchange: Exchange): Promise<void> {
    try {
      await this.#handle(exchange)
    } catch (error) {
      if (exchange.signal.aborted) return
      if (exchange.hasBegun) throw error
      const answer = apiErrorOf(error)
      if (answer.code >= 500 && answer.cause) {
        this.#options.log.error("request failed", {
          method: exchange.method,
          path: exchange.path,
          error: answer.message,
        })
      }
      if (exchange.hasBegun) exchange.end()
      else sendError(exchange, answer)
    }
  }

  async #handle(exchange: Exchange): Promise<void> {
    const { authenticator, authorizer } = this.#options
    const authenticated = await authenticator.authenticate(exchange.headers, exchange.socket)
    const user = impersonate(authorizer, authenticated, exchange)
    const route = routeOf(exchange.path)
    if (route.kind === "resource") return await this.#resources.serve(exchange, route, user)
    await this.#servePath(exchange, route.path, user)
  }

  async #servePath(exchange: Exchange, path: string, user: UserInfo): Promise<void> {
    authorizePath(this.#options.authorizer, user, exchange.method.toLowerCase(), path)
    if (this.#discovery.serve(exchange, path)) return
    if (await this.#openApi.serve(exchange, path)) return
    const { version, tokens, metrics } = this.#options
    switch (path) {
      case "/version":
        return sendJson(exchange, 200, versionInfo(version))
      case "/metrics":
        return sendText(exchange, 200, (await metrics?.()) ?? "")
      case "/.well-known/openid-configuration":
        return sendJson(exchange, 200, {
          issuer: tokens.issuer,
          jwks_uri: `${tokens.issuer}/openid/v1/jwks`,
          response_types_supported: ["id_token"],
          subject_types_supported: ["public"],
          id_token_signing_alg_values_supported: ["RS256", "ES256"],
        })
      case "/openid/v1/jwks":
        return sendJson(exchange, 200, await tokens.verifier.keySet(), {
          "content-type": "application/jwk-set+json",
        })
      default:
        if (serveHealth(exchange, path, this.#options.isReady())) return
        return sendText(exchange, 404, "404 page not found\n")
    }
  }
}
