import type { Resource } from "#apiserver"
import type { Client } from "#client"
import {
  type ApiObject,
  type DeleteOptions,
  foregroundFinalizer,
  isNotFound,
  keyOf,
  orphanFinalizer,
  type OwnerReference,
} from "#meta"
import { kindOf } from "./served-resources.ts"

/**
 * The writes of the garbage collector. Every one names the UID and the resource version it was
 * decided on: a lost race is a `Conflict`, and asks for another look.
 */
export class DependentWriter {
  readonly #client: Client

  constructor(client: Client) {
    this.#client = client
  }

  /** Deletes with the policy that an earlier delete of the object asked for. */
  async delete(
    resource: Resource,
    object: ApiObject,
    policy: DeleteOptions["propagationPolicy"] = policyOf(object),
  ): Promise<void> {
    const { uid, resourceVersion } = object.metadata
    const options = { propagationPolicy: policy, preconditions: { uid, resourceVersion } }
    await unlessGone(this.#client.delete(kindOf(resource), keyOf(object), options))
  }

  async setOwners(
    resource: Resource,
    object: ApiObject,
    owners: readonly OwnerReference[],
  ): Promise<void> {
    await this.#patchMetadata(resource, object, {
      ownerReferences: owners.length > 0 ? owners : null,
    })
  }

  async removeFinalizer(resource: Resource, object: ApiObject, finalizer: string): Promise<void> {
    const { finalizers = [] } = object.metadata
    await this.#patchMetadata(resource, object, {
      finalizers: finalizers.filter((name) => name !== finalizer),
    })
  }

  async #patchMetadata(resource: Resource, object: ApiObject, changed: object): Promise<void> {
    const { uid, resourceVersion } = object.metadata
    const patch = {
      type: "merge",
      body: { metadata: { uid, resourceVersion, ...changed } },
    } as const
    await unlessGone(this.#client.patch(kindOf(resource), keyOf(object), patch))
  }
}

function policyOf({ metadata }: ApiObject): DeleteOptions["propagationPolicy"] {
  const { finalizers = [] } = metadata
  if (finalizers.includes(orphanFinalizer)) return "Orphan"
  return finalizers.includes(foregroundFinalizer) ? "Foreground" : "Background"
}

async function unlessGone(write: Promise<unknown>): Promise<void> {
  try {
    await write
  } catch (error) {
    if (!isNotFound(error)) throw error
  }
}
