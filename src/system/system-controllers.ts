import type { ApiServer } from "#apiserver"
import type { Clock, Logger } from "#base"
import { Activity } from "./activity.ts"
import { DefinitionController } from "./definition-controller.ts"
import { EventExpiry } from "./event-expiry.ts"
import { GarbageCollector } from "./garbage-collector.ts"
import { NamespaceDefaults } from "./namespace-defaults.ts"
import { NamespaceDeletion } from "./namespace-deletion.ts"
import { RoleAggregation } from "./role-aggregation.ts"
import { bootstrapRbac } from "./role-bootstrap.ts"
import { ServedResources } from "./served-resources.ts"
import type { SystemContext, SystemController } from "./system-context.ts"

export interface SystemOptions {
  /** Started already. */
  readonly server: ApiServer
  readonly clock: Clock
  readonly log: Logger
  /** What clients inside the cluster trust the API server by; goes into every namespace. */
  readonly caPem: string
}

/**
 * Everything that an API server needs to be complete: namespace deletion and contents, garbage
 * collection, service accounts, root CA, RBAC defaults and aggregation, event expiry, custom
 * resource definitions. It lives on the server's feed: idle, it holds no timer (but one while there
 * are Events) and does nothing.
 */
export class SystemControllers {
  readonly #context: SystemContext
  readonly #activity = new Activity()
  readonly #controllers: readonly SystemController[]

  constructor({ server, clock, log, caPem }: SystemOptions) {
    this.#context = {
      server,
      clock,
      log,
      activity: this.#activity,
      resources: new ServedResources(server),
    }
    this.#controllers = [
      new DefinitionController(this.#context),
      new NamespaceDefaults(this.#context, caPem),
      new NamespaceDeletion(this.#context),
      new GarbageCollector(this.#context),
      new RoleAggregation(this.#context),
      new EventExpiry(this.#context),
    ]
  }

  /** Reconciles the RBAC defaults, then follows the feed. Errors: what the API server refuses. */
  async start(): Promise<void> {
    await bootstrapRbac(this.#context)
    for (const controller of this.#controllers) controller.start()
  }

  /** Stops following, and waits for what is under way. The server stays. */
  async stop(): Promise<void> {
    for (const controller of this.#controllers) controller.stop()
    await this.#activity.idle()
  }

  /**
   * Resolves when nothing is left to do; failed work that waits for its next try does not count.
   */
  settled(): Promise<void> {
    return this.#activity.idle()
  }
}
