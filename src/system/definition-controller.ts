import type { TableChange } from "#apiserver"
import { type CustomResourceDefinition, CustomResourceDefinitionKind } from "#apis"
import { deepEqual, formatTime } from "#base"
import type { Client } from "#client"
import { type ApiObject, type Condition, isNotFound, keyOf, setCondition } from "#meta"
import { judgeNames } from "./definition-names.ts"
import { KeyedWorker } from "./keyed-worker.ts"
import { kindOf } from "./served-resources.ts"
import { systemClient } from "./system-client.ts"
import type { SystemContext, SystemController } from "./system-context.ts"

const definitionsPrefix = "apiextensions.k8s.io/customresourcedefinitions/"
const cleanupFinalizer = "customresourcecleanup.apiextensions.k8s.io"
const approvalAnnotation = "api-approved.kubernetes.io"
const batchSize = 64

/**
 * Says in the status of custom resource definitions whether their names are accepted and they are
 * established; deletes the objects of definitions that are being deleted before they go.
 */
export class DefinitionController implements SystemController {
  readonly #context: SystemContext
  readonly #client: Client
  readonly #worker: KeyedWorker
  /** Names of definitions being deleted, by the prefix of their objects' keys. */
  readonly #emptying = new Map<string, string>()
  #unsubscribe: (() => void) | undefined

  constructor(context: SystemContext) {
    this.#context = context
    this.#client = systemClient(context.server, "crd-controller")
    this.#worker = new KeyedWorker({
      ...context,
      name: "custom-resource-definitions",
      concurrency: 1,
      work: (name) => this.#reconcile(name),
    })
  }

  start(): void {
    const { hub } = this.#context.server
    this.#unsubscribe = hub.subscribe((_table, change) => this.#take(change))
    for (const { name } of hub.table(definitionsPrefix).range()) this.#worker.add(name)
  }

  stop(): void {
    this.#unsubscribe?.()
    this.#worker.stop()
  }

  #take({ record, type }: TableChange): void {
    if (record.key.startsWith(definitionsPrefix)) {
      if (type === "deleted") this.#freeNames(record.object as CustomResourceDefinition)
      else this.#worker.add(record.name)
    } else if (type === "deleted" && this.#emptying.size > 0) {
      const name = this.#emptying.get(prefixOf(record.key))
      if (name !== undefined) this.#worker.add(name)
    }
  }

  /** A definition that has gone may have stood in the way of others of its group. */
  #freeNames(gone: CustomResourceDefinition): void {
    this.#emptying.delete(objectsPrefix(gone))
    for (const other of this.#definitions()) {
      if (other.spec.group === gone.spec.group) this.#worker.add(other.metadata.name)
    }
  }

  #definitions(): readonly CustomResourceDefinition[] {
    const table = this.#context.server.hub.table(definitionsPrefix)
    return Array.from(table.range(), (record) => record.object as CustomResourceDefinition)
  }

  async #reconcile(name: string): Promise<void> {
    const table = this.#context.server.hub.table(definitionsPrefix)
    const definition = table.get(`${definitionsPrefix}/${name}`)?.object as
      | CustomResourceDefinition
      | undefined
    if (!definition) return
    if (definition.metadata.deletionTimestamp) await this.#empty(definition)
    else await this.#judge(definition)
  }

  async #judge(definition: CustomResourceDefinition): Promise<void> {
    const others = this.#definitions().filter(
      ({ metadata, spec }) =>
        metadata.name !== definition.metadata.name && spec.group === definition.spec.group,
    )
    const verdict = judgeNames(definition, others)
    const storage = definition.spec.versions.find((version) => version.storage)?.name
    const stored = definition.status?.storedVersions ?? []
    const storedVersions = storage && !stored.includes(storage) ? [...stored, storage] : stored
    const conditions = [...approval(definition), ...verdict.conditions]
    await this.#tell(definition, conditions, {
      acceptedNames: verdict.acceptedNames,
      storedVersions,
    })
  }

  /**
   * Creates that were let in before the definition was marked have been committed once the status
   * is written: what the table holds then is all there is.
   */
  async #empty(definition: CustomResourceDefinition): Promise<void> {
    const { finalizers = [] } = definition.metadata
    if (!finalizers.includes(cleanupFinalizer)) return
    const prefix = objectsPrefix(definition)
    this.#emptying.set(prefix, definition.metadata.name)
    const table = this.#context.server.hub.table(prefix)
    const message = "CustomResource deletion is in progress"
    await this.#tell(definition, [
      { type: "Terminating", status: "True", reason: "InstanceDeletionInProgress", message },
    ])
    if (table.size > 0) await this.#deleteObjects(prefix)
    await this.#context.server.hub.catchUp()
    if (table.size > 0) return
    this.#emptying.delete(prefix)
    await this.#letGo(definition.metadata.name)
  }

  async #deleteObjects(prefix: string): Promise<void> {
    const { server, resources } = this.#context
    const resource = resources.ofPrefix(prefix)
    if (!resource) throw new Error(`delete objects of ${prefix}: no version of them is served`)
    const due = Array.from(server.hub.table(prefix).range()).filter((record) => !record.isDeleting)
    for (let from = 0; from < due.length; from += batchSize) {
      const batch = due.slice(from, from + batchSize).map((record) => record.object)
      await Promise.all(batch.map((object) => this.#delete(kindOf(resource), object)))
    }
  }

  async #delete(kind: ReturnType<typeof kindOf>, object: ApiObject): Promise<void> {
    const { uid } = object.metadata
    try {
      await this.#client.delete(kind, keyOf(object), { preconditions: { uid } })
    } catch (error) {
      if (!isNotFound(error)) throw error
    }
  }

  async #letGo(name: string): Promise<void> {
    const key = { name }
    const current = await this.#client.find(CustomResourceDefinitionKind, key)
    if (!current) return
    const { uid, resourceVersion, finalizers = [] } = current.metadata
    const left = finalizers.filter((finalizer) => finalizer !== cleanupFinalizer)
    const metadata = { uid, resourceVersion, finalizers: left }
    await this.#client.patch(CustomResourceDefinitionKind, key, {
      type: "merge",
      body: { metadata },
    })
  }

  /** Writes the status when it says something new. */
  async #tell(
    definition: CustomResourceDefinition,
    news: readonly Omit<Condition, "lastTransitionTime">[],
    changes: object = {},
  ): Promise<void> {
    const now = formatTime(this.#context.clock.now())
    const { status = {}, metadata } = definition
    const conditions = news.reduce(
      (list, condition) => setCondition(list, condition, now),
      status.conditions ?? [],
    )
    const next = { ...status, ...changes, conditions }
    if (deepEqual(next, status)) return
    const { resourceVersion } = metadata
    await this.#client
      .patchStatus(CustomResourceDefinitionKind, metadata, {
        type: "merge",
        body: { metadata: { resourceVersion }, status: next },
      })
      .catch((error: unknown) => {
        if (!isNotFound(error)) throw error
      })
  }
}

/** Kubernetes' own groups are for APIs that its community approved, or that say why not. */
function approval({
  spec,
  metadata,
}: CustomResourceDefinition): readonly Omit<Condition, "lastTransitionTime">[] {
  if (!/(^|\.)(k8s|kubernetes)\.io$/.test(spec.group)) return []
  const type = "KubernetesAPIApprovalPolicyConformant"
  const value = metadata.annotations?.[approvalAnnotation] ?? ""
  if (value.startsWith("unapproved")) {
    const message = `not approved: ${value}`
    return [{ type, status: "False", reason: "UnapprovedAnnotation", message }]
  }
  const message = `approved in ${value}`
  return [{ type, status: "True", reason: "ApprovedAnnotation", message }]
}

function objectsPrefix({ spec }: CustomResourceDefinition): string {
  return `${spec.group}/${spec.names.plural}/`
}

function prefixOf(key: string): string {
  return key.slice(0, key.indexOf("/", key.indexOf("/") + 1) + 1)
}
