import type { Record, Resource, Table, TableChange } from "#apiserver"
import {
  type ApiObject,
  foregroundFinalizer,
  isDeletingDependents,
  isOrphaningDependents,
  orphanFinalizer,
} from "#meta"
import { DependentWriter } from "./dependent-writer.ts"
import { KeyedWorker } from "./keyed-worker.ts"
import { blocksOwner, type JudgedOwner, judgeOwners } from "./owner-state.ts"
import { OwnerEvents } from "./owner-events.ts"
import { isEvent } from "./served-resources.ts"
import { systemClient } from "./system-client.ts"
import type { SystemContext, SystemController } from "./system-context.ts"

/**
 * Deletes what nobody owns any more, by owner references: in the background when the last owner is
 * gone, in the foreground before its owner goes, or not at all for an orphaning delete. The graph
 * is the hub's owner index; nothing is kept here but the owners that wait for their dependents.
 */
export class GarbageCollector implements SystemController {
  readonly #context: SystemContext
  readonly #writer: DependentWriter
  readonly #events: OwnerEvents
  readonly #worker: KeyedWorker
  /** UIDs of owners in foreground deletion, with their keys. */
  readonly #waiting = new Map<string, string>()
  /** Dependents whose owner's kind nobody serves at the moment. */
  readonly #unjudged = new Set<string>()
  #unsubscribe: readonly (() => void)[] = []

  constructor(context: SystemContext) {
    this.#context = context
    const client = systemClient(context.server, "generic-garbage-collector")
    this.#writer = new DependentWriter(client)
    this.#events = new OwnerEvents(client, context.clock)
    this.#worker = new KeyedWorker({
      ...context,
      name: "garbage-collector",
      concurrency: 32,
      work: (key) => this.#collect(key),
    })
  }

  start(): void {
    const { hub, registry } = this.#context.server
    this.#unsubscribe = [
      hub.subscribe((_table, change) => this.#take(change)),
      registry.onChange(() => this.#judgeAgain()),
    ]
    for (const table of hub.tables) {
      for (const record of table.range()) this.#meet(record)
    }
  }

  stop(): void {
    for (const unsubscribe of this.#unsubscribe) unsubscribe()
    this.#worker.stop()
  }

  /** Only what can matter is looked at again: most writes change neither owners nor finalizers. */
  #take(change: TableChange): void {
    const { record, previous, type } = change
    if (isEvent(record)) return
    if (type === "deleted") return this.#gone(record)
    for (const uid of previous?.ownerUids ?? []) this.#wakeWaiting(uid)
    if (!sameOwners(record, previous)) this.#worker.add(record.key)
    if (record.isDeleting) this.#noteDeletion(record)
  }

  #meet(record: Record): void {
    if (isEvent(record)) return
    if (record.ownerUids.length > 0) this.#worker.add(record.key)
    if (record.isDeleting) this.#noteDeletion(record)
  }

  #noteDeletion(record: Record): void {
    const { object } = record
    if (isDeletingDependents(object)) {
      const isNew = !this.#waiting.has(record.uid)
      this.#waiting.set(record.uid, record.key)
      if (isNew) for (const dependent of this.#dependents(record.uid)) this.#addRecord(dependent)
      this.#worker.add(record.key)
    } else if (this.#waiting.delete(record.uid)) {
      for (const dependent of this.#dependents(record.uid)) this.#addRecord(dependent)
    }
    if (isOrphaningDependents(object)) this.#worker.add(record.key)
  }

  #gone(record: Record): void {
    this.#waiting.delete(record.uid)
    this.#unjudged.delete(record.key)
    for (const dependent of this.#dependents(record.uid)) this.#addRecord(dependent)
    for (const uid of record.ownerUids) this.#wakeWaiting(uid)
  }

  #addRecord(record: Record): void {
    if (!isEvent(record)) this.#worker.add(record.key)
  }

  #wakeWaiting(uid: string): void {
    const key = this.#waiting.get(uid)
    if (key !== undefined) this.#worker.add(key)
  }

  #judgeAgain(): void {
    const keys = [...this.#unjudged]
    this.#unjudged.clear()
    for (const key of keys) this.#worker.add(key)
  }

  #dependents(uid: string): readonly Record[] {
    const found: Record[] = []
    for (const table of this.#context.server.hub.tables) {
      if (table.owns(uid)) found.push(...table.ownedBy(uid))
    }
    return found.filter((record) => !isEvent(record))
  }

  async #collect(key: string): Promise<void> {
    const prefix = prefixOf(key)
    const resource = this.#context.resources.ofPrefix(prefix)
    const record = resource?.table.get(key)
    if (!resource || !record) return
    const { object } = record
    if (isOrphaningDependents(object)) {
      // Whoever else has a finalizer there may have to know that the dependents were spared.
      const isLast = object.metadata.finalizers?.length === 1
      return isLast ? await this.#orphan(resource, record) : undefined
    }
    if (isDeletingDependents(object)) return await this.#finishForeground(resource, record)
    if (object.metadata.deletionTimestamp || record.ownerUids.length === 0) return
    await this.#judge(resource, record)
  }

  /** Deletes a dependent without owners, or takes off the references that lead nowhere. */
  async #judge(resource: Resource, record: Record): Promise<void> {
    const { server, resources } = this.#context
    let owners = judgeOwners(resources, resource, record.object)
    if (owners.some(({ state }) => state === "absent")) {
      await server.hub.catchUp()
      if (resource.table.get(record.key) !== record) return this.#worker.add(record.key)
      owners = judgeOwners(resources, resource, record.object)
    }
    await this.#warnOfScope(resource, record.object, owners)
    if (owners.some(({ state }) => state === "unknown")) this.#unjudged.add(record.key)
    const has = (state: JudgedOwner["state"]): boolean =>
      owners.some((judged) => judged.state === state)
    if (has("unknown") || has("out-of-scope") || has("solid")) {
      return await this.#dropDeadOwners(resource, record.object, owners)
    }
    if (!has("waiting")) return await this.#writer.delete(resource, record.object)
    await this.#deleteForOwner(resource, record)
  }

  async #dropDeadOwners(
    resource: Resource,
    object: ApiObject,
    owners: readonly JudgedOwner[],
  ): Promise<void> {
    if (!owners.some(({ state }) => state === "solid")) return
    const kept = owners.filter(({ state }) => state !== "absent" && state !== "waiting")
    if (kept.length === owners.length) return
    await this.#writer.setOwners(
      resource,
      object,
      kept.map(({ owner }) => owner),
    )
  }

  /** An owner in foreground deletion passes its policy on to dependents that have their own. */
  async #deleteForOwner(resource: Resource, record: Record): Promise<void> {
    const dependents = this.#dependents(record.uid)
    if (dependents.length === 0) return await this.#writer.delete(resource, record.object)
    const isCircle = dependents.some((dependent) => isDeletingDependents(dependent.object))
    if (!isCircle) return await this.#writer.delete(resource, record.object, "Foreground")
    await this.#unblockOwners(resource, record.object)
    const current = resource.table.get(record.key)
    if (current) await this.#writer.delete(resource, current.object, "Foreground")
  }

  /** Breaks a circle: nobody may wait for an object that waits for them. */
  async #unblockOwners(resource: Resource, object: ApiObject): Promise<void> {
    const { ownerReferences = [] } = object.metadata
    if (!ownerReferences.some((owner) => owner.blockOwnerDeletion)) return
    const owners = ownerReferences.map((owner) => ({ ...owner, blockOwnerDeletion: false }))
    await this.#writer.setOwners(resource, object, owners)
  }

  async #finishForeground(resource: Resource, record: Record): Promise<void> {
    const blocks = (): boolean =>
      this.#dependents(record.uid).some((dependent) => blocksOwner(dependent.object, record.uid))
    if (blocks()) return
    await this.#context.server.hub.catchUp()
    if (resource.table.get(record.key) !== record) return this.#worker.add(record.key)
    if (blocks()) return
    await this.#writer.removeFinalizer(resource, record.object, foregroundFinalizer)
  }

  async #orphan(resource: Resource, record: Record): Promise<void> {
    await this.#context.server.hub.catchUp()
    await Promise.all(
      this.#dependents(record.uid).map((dependent) => this.#release(dependent, record.uid)),
    )
    if (this.#dependents(record.uid).length > 0) return this.#worker.add(record.key)
    const current = resource.table.get(record.key)
    if (current) await this.#writer.removeFinalizer(resource, current.object, orphanFinalizer)
  }

  async #release(dependent: Record, ownerUid: string): Promise<void> {
    const resource = this.#context.resources.ofPrefix(prefixOf(dependent.key))
    if (!resource) return
    const { ownerReferences = [] } = dependent.object.metadata
    const owners = ownerReferences.filter((owner) => owner.uid !== ownerUid)
    await this.#writer.setOwners(resource, dependent.object, owners)
  }

  async #warnOfScope(
    resource: Resource,
    object: ApiObject,
    owners: readonly JudgedOwner[],
  ): Promise<void> {
    for (const { owner, state } of owners) {
      if (state === "out-of-scope") await this.#events.tellOutOfScope(resource, object, owner)
    }
  }
}

function sameOwners(record: Record, previous: Record | undefined): boolean {
  if (!previous) return record.ownerUids.length === 0
  const { ownerUids } = record
  return (
    ownerUids.length === previous.ownerUids.length &&
    ownerUids.every((uid, index) => previous.ownerUids[index] === uid)
  )
}

function prefixOf(key: string): Table["prefix"] {
  return key.slice(0, key.indexOf("/", key.indexOf("/") + 1) + 1)
}
