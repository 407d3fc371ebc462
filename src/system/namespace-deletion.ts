import type { TableChange } from "#apiserver"
import { type Namespace, NamespaceKind } from "#apis"
import { formatTime, messageOf } from "#base"
import type { Client } from "#client"
import { type ApiObject, isNotFound, type KindRef, keyOf, setCondition } from "#meta"
import { KeyedWorker } from "./keyed-worker.ts"
import { deletionConditions } from "./namespace-conditions.ts"
import { countContent, firstStage, type ResidentObjects, residentsOf } from "./namespace-content.ts"
import { kindOf } from "./served-resources.ts"
import { systemClient } from "./system-client.ts"
import type { SystemContext, SystemController } from "./system-context.ts"

const finalizer = "kubernetes"
const namespacesPrefix = "core/namespaces/"
/** Deletes in flight at once: they share the store's flushes. */
const batchSize = 64

/** Empties namespaces that are being deleted, and lets them go once nothing is left in them. */
export class NamespaceDeletion implements SystemController {
  readonly #context: SystemContext
  readonly #client: Client
  readonly #worker: KeyedWorker
  readonly #terminating = new Set<string>()
  #unsubscribe: (() => void) | undefined

  constructor(context: SystemContext) {
    this.#context = context
    this.#client = systemClient(context.server, "namespace-controller")
    this.#worker = new KeyedWorker({
      ...context,
      name: "namespace-deletion",
      work: (name) => this.#empty(name),
    })
  }

  start(): void {
    const { hub } = this.#context.server
    this.#unsubscribe = hub.subscribe((_table, change) => this.#take(change))
    for (const record of hub.table(namespacesPrefix).range()) {
      if (record.isDeleting) this.#begin(record.name)
    }
  }

  stop(): void {
    this.#unsubscribe?.()
    this.#worker.stop()
  }

  #take({ record, type }: TableChange): void {
    if (record.key.startsWith(namespacesPrefix)) {
      if (type === "deleted") this.#terminating.delete(record.name)
      else if (record.isDeleting) this.#begin(record.name)
    } else if (this.#terminating.has(record.namespace)) {
      this.#worker.add(record.namespace)
    }
  }

  #begin(name: string): void {
    this.#terminating.add(name)
    this.#worker.add(name)
  }

  async #empty(name: string): Promise<void> {
    const namespace = this.#find(name)
    if (!namespace?.metadata.deletionTimestamp) return
    const failures = await this.#deleteAll(firstStage(residentsOf(this.#context.resources, name)))
    const content = countContent(residentsOf(this.#context.resources, name))
    await this.#tell(namespace, { ...content, failures })
    if (failures.length > 0) throw new Error(`empty namespace ${name}: ${failures.join("; ")}`)
    if (content.counts.size > 0) return
    await this.#letGo(name)
  }

  #find(name: string): Namespace | undefined {
    const record = this.#context.server.hub
      .table(namespacesPrefix)
      .get(`${namespacesPrefix}/${name}`)
    return record?.object
  }

  /** Asks for the deletion of everything that was not asked before. Answers what failed. */
  async #deleteAll(residents: readonly ResidentObjects[]): Promise<readonly string[]> {
    const failures: string[] = []
    for (const { resource, objects } of residents) {
      const due = objects.filter((object) => !object.metadata.deletionTimestamp)
      for (let from = 0; from < due.length; from += batchSize) {
        const batch = due.slice(from, from + batchSize)
        const problems = await Promise.all(
          batch.map((object) => this.#delete(kindOf(resource), object)),
        )
        failures.push(...problems.filter((problem) => problem !== undefined))
      }
    }
    return failures
  }

  async #delete(kind: KindRef<ApiObject>, object: ApiObject): Promise<string | undefined> {
    const { uid } = object.metadata
    try {
      const options = { propagationPolicy: "Background", preconditions: { uid } } as const
      await this.#client.delete(kind, keyOf(object), options)
    } catch (error) {
      if (!isNotFound(error)) return messageOf(error)
    }
    return undefined
  }

  async #tell(
    { metadata, status }: Namespace,
    outcome: Parameters<typeof deletionConditions>[0],
  ): Promise<void> {
    const now = formatTime(this.#context.clock.now())
    const conditions = deletionConditions(outcome).reduce(
      (list, condition) => setCondition(list, condition, now),
      status?.conditions ?? [],
    )
    const body = { metadata: { uid: metadata.uid }, status: { conditions } }
    await this.#client
      .patchStatus(NamespaceKind, metadata, { type: "merge", body })
      .catch((error: unknown) => {
        if (!isNotFound(error)) throw error
      })
  }

  /**
   * Takes our finalizer off. Creates that were let in before the namespace was marked have been
   * committed by now: the status was written after them. So one more look is a live one.
   */
  async #letGo(name: string): Promise<void> {
    await this.#context.server.hub.catchUp()
    if (residentsOf(this.#context.resources, name).length > 0) return this.#worker.add(name)
    const namespace = this.#find(name)
    if (!namespace?.metadata.deletionTimestamp) return
    const finalizers = (namespace.spec?.finalizers ?? []).filter((held) => held !== finalizer)
    if (finalizers.length === namespace.spec?.finalizers?.length) return
    const spec = { ...namespace.spec, finalizers }
    await this.#client.update(NamespaceKind, { ...namespace, spec }, { subresource: "finalize" })
  }
}
