import { type ClusterRole, ClusterRoleKind } from "#apis"
import { deepEqual } from "#base"
import type { Client } from "#client"
import { aggregatedRules } from "./aggregated-rules.ts"
import { KeyedWorker } from "./keyed-worker.ts"
import { systemClient } from "./system-client.ts"
import type { SystemContext, SystemController } from "./system-context.ts"

const rolesPrefix = "rbac.authorization.k8s.io/clusterroles/"

/** Keeps the rules of aggregating cluster roles equal to those of the roles they select. */
export class RoleAggregation implements SystemController {
  readonly #context: SystemContext
  readonly #client: Client
  readonly #worker: KeyedWorker
  #unsubscribe: (() => void) | undefined

  constructor(context: SystemContext) {
    this.#context = context
    this.#client = systemClient(context.server, "clusterrole-aggregation-controller")
    this.#worker = new KeyedWorker({
      ...context,
      name: "role-aggregation",
      work: (name) => this.#aggregate(name),
    })
  }

  start(): void {
    const table = this.#context.server.hub.table(rolesPrefix)
    this.#unsubscribe = table.subscribe(() => this.#addAll())
    this.#addAll()
  }

  stop(): void {
    this.#unsubscribe?.()
    this.#worker.stop()
  }

  #addAll(): void {
    for (const role of this.#roles()) {
      if (role.aggregationRule) this.#worker.add(role.metadata.name)
    }
  }

  #roles(): readonly ClusterRole[] {
    const table = this.#context.server.hub.table(rolesPrefix)
    return Array.from(table.range(), (record) => record.object as ClusterRole)
  }

  async #aggregate(name: string): Promise<void> {
    const roles = this.#roles()
    const role = roles.find(({ metadata }) => metadata.name === name)
    if (!role?.aggregationRule || role.metadata.deletionTimestamp) return
    const rules = aggregatedRules(role, roles)
    if (deepEqual(rules, role.rules ?? [])) return
    await this.#client.update(ClusterRoleKind, { ...role, rules })
  }
}
