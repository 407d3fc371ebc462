import type { Clock, Logger } from "#base"
import type {
  AdmissionReader,
  ApiTransport,
  Kind,
  KindRef,
  KindRules,
  UserInfo,
  VersionResolver,
} from "#meta"
import type { TokenSigner, TokenVerifier } from "#pki"
import type { Store } from "#store"
import { Authenticator } from "./authentication/authenticator.ts"
import type { Authorizer } from "./authorization/authorizer.ts"
import { RbacAuthorizer } from "./authorization/rbac.ts"
import { registerBuiltins } from "./builtin/builtin-resources.ts"
import { HubCaches } from "./caches.ts"
import { roleStrategies } from "./authorization/role-strategies.ts"
import { definitionStrategy } from "./custom/definition-strategy.ts"
import { CustomResources } from "./custom/custom-resources.ts"
import { Dispatcher } from "./http/dispatcher.ts"
import type { InFlightLimits } from "./http/in-flight.ts"
import { HttpServer } from "./http/server.ts"
import { Hub } from "./hub/hub.ts"
import { ResourceRegistry } from "./registry.ts"
import { addBuiltinHandlers } from "./subresources/builtin-handlers.ts"
import { SubresourceHandlers } from "./subresources/handler.ts"
import { InProcessTransport } from "./transport.ts"
import { Verbs } from "./verbs/verbs.ts"

/** Service-account tokens: how they are made and checked. */
export interface TokenOptions {
  readonly signer: TokenSigner
  readonly verifier: TokenVerifier
  readonly issuer: string
}

export interface ApiServerOptions {
  readonly store: Store
  readonly clock: Clock
  readonly log: Logger
  readonly tokens: TokenOptions
  /** What `/version` answers, for example `v1.34.4`. */
  readonly version: string
  /** Kinds of our own: served from CRDs that `seedDefinitions` writes. */
  readonly kinds?: readonly Kind[] | undefined
  readonly rules?: readonly KindRules[] | undefined
  /**
   * API groups among `kinds` whose definitions users may replace, because no controller here uses
   * them.
   */
  readonly replaceableGroups?: readonly string[] | undefined
  /** Answers `/metrics` in Prometheus' text format. */
  readonly metrics?: (() => Promise<string>) | undefined
  /** How many requests may run at once; 400 reading and 200 mutating ones when absent. */
  readonly limits?: InFlightLimits | undefined
}

export interface ListenOptions {
  readonly host: string
  readonly port: number
  readonly certificatePem: string
  readonly privateKeyPem: string
  readonly clientAuthorityPem: string
}

/**
 * A Kubernetes API server over a store. A value that can be started more than once in a process:
 * one for the plane, one for every simulated cluster.
 */
export class ApiServer {
  readonly registry = new ResourceRegistry()
  readonly subresources = new SubresourceHandlers()
  readonly caches: HubCaches
  readonly hub: Hub
  readonly verbs: Verbs
  readonly authorizer: Authorizer
  readonly #options: ApiServerOptions
  readonly #custom: CustomResources
  readonly #dispatcher: Dispatcher
  readonly #servers: HttpServer[] = []

  constructor(options: ApiServerOptions) {
    const { store, clock, log, tokens } = options
    this.#options = options
    this.hub = new Hub({ store, clock, log })
    this.caches = new HubCaches(this.registry)
    this.#custom = new CustomResources({
      hub: this.hub,
      registry: this.registry,
      kinds: options.kinds ?? [],
      rules: options.rules ?? [],
      log,
    })
    this.verbs = new Verbs({
      store,
      hub: this.hub,
      clock,
      resolve: this.#custom.resolve,
      reader: this.#reader(),
      find: (group, version, plural) => this.registry.find(group, version, plural),
    })
    const rbac = new RbacAuthorizer(this.hub)
    this.authorizer = rbac
    const authenticator = new Authenticator({
      clock,
      hub: this.hub,
      tokens: tokens.verifier,
      audience: tokens.issuer,
    })
    registerBuiltins(this.registry, this.hub, {
      ...roleStrategies(rbac),
      "apiextensions.k8s.io/customresourcedefinitions": definitionStrategy({
        hub: this.hub,
        kinds: options.kinds ?? [],
        replaceableGroups: this.replaceableGroups,
      }),
    })
    addBuiltinHandlers(this.subresources, {
      verbs: this.verbs,
      registry: this.registry,
      rbac,
      authenticator,
      tokens,
      clock,
    })
    this.#dispatcher = new Dispatcher({
      ...options,
      registry: this.registry,
      verbs: this.verbs,
      authorizer: rbac,
      authenticator,
      subresources: this.subresources,
      resolve: this.#custom.resolve,
      isReady: () => this.hub.isFollowing,
    })
  }

  /** Groups among our own kinds' whose definitions users may replace. */
  get replaceableGroups(): readonly string[] {
    return this.#options.replaceableGroups ?? []
  }

  /** Finds the version in which a kind is served for Cluster API's contracts. */
  get resolve(): VersionResolver {
    return this.#custom.resolve
  }

  /** Reads the store and begins to follow it; custom resources are served from here on. */
  async start(): Promise<void> {
    await this.hub.start()
    this.#custom.start()
  }

  /** Serves HTTPS; may be called for more than one address. Errors: the socket's (`EADDRINUSE`). */
  async listen(options: ListenOptions): Promise<{ readonly host: string; readonly port: number }> {
    const server = new HttpServer({
      ...options,
      log: this.#options.log,
      clock: this.#options.clock,
      handle: (exchange) => this.#dispatcher.handle(exchange),
    })
    const address = await server.listen(options.host, options.port)
    this.#servers.push(server)
    return address
  }

  /** A client's way in without a socket, for one user. */
  transport(user: UserInfo, fieldManager: string): ApiTransport {
    return new InProcessTransport({
      user,
      fieldManager,
      registry: this.registry,
      verbs: this.verbs,
      authorizer: this.authorizer,
      subresources: this.subresources,
      resolve: this.#custom.resolve,
    })
  }

  /** Stops serving, then following. The store stays open: it is its owner's to close. */
  async stop(): Promise<void> {
    await Promise.all(this.#servers.map((server) => server.close()))
    this.#custom.stop()
    await this.hub.stop()
  }

  /** What kinds' own rules may look up while they judge an object. */
  #reader(): AdmissionReader {
    return {
      get: <T>(kind: KindRef<T>, namespace: string | undefined, name: string) =>
        this.caches.view(kind).get(namespace, name),
      list: <T>(kind: KindRef<T>, namespace?: string) => this.caches.view(kind).list(namespace),
    }
  }
}
