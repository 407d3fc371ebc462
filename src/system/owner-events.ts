import type { Resource } from "#apiserver"
import { type Event, EventKind } from "#apis"
import { type Clock, formatTime, randomHex } from "#base"
import type { Client } from "#client"
import { type ApiObject, apiVersionOf, type OwnerReference } from "#meta"

const clusterHome = "default"

/** Tells users of owner references that can never hold. */
export class OwnerEvents {
  readonly #client: Client
  readonly #clock: Clock
  /** What was told already, by UIDs: a reference is complained about once. */
  readonly #told = new Set<string>()

  constructor(client: Client, clock: Clock) {
    this.#client = client
    this.#clock = clock
  }

  /** A cluster-scoped object names a namespaced owner: no namespace says where to look for it. */
  async tellOutOfScope(
    resource: Resource,
    object: ApiObject,
    owner: OwnerReference,
  ): Promise<void> {
    const pair = `${object.metadata.uid}/${owner.uid}`
    if (this.#told.has(pair)) return
    this.#told.add(pair)
    const now = formatTime(this.#clock.now())
    const { name, uid, resourceVersion } = object.metadata
    const event: Omit<Event, "apiVersion" | "kind"> = {
      metadata: { name: `${name}.${randomHex(8)}`, namespace: clusterHome },
      involvedObject: {
        apiVersion: apiVersionOf(resource.group, resource.version),
        kind: resource.kind,
        name,
        uid,
        resourceVersion,
      },
      type: "Warning",
      reason: "OwnerRefInvalidNamespace",
      message: `ownerRef [${owner.apiVersion}/${owner.kind}, namespace: , name: ${owner.name}, uid: ${owner.uid}] does not exist in namespace ""`,
      source: { component: "garbage-collector-controller" },
      firstTimestamp: now,
      lastTimestamp: now,
      count: 1,
    }
    await this.#client.create(EventKind, event)
  }
}
