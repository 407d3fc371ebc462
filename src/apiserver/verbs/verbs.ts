import type { Clock } from "#base"
import {
  ApiError,
  type AdmissionReader,
  type ApiObject,
  type DeleteOptions,
  type PatchOptions,
  type VersionResolver,
  type WatchOptions,
} from "#meta"
import type { Store } from "#store"
import { type Call, callKey, type WriteCall } from "../call.ts"
import { decodeObject } from "../decode-object.ts"
import type { Hub } from "../hub/hub.ts"
import type { Record } from "../hub/record.ts"
import type { Resource } from "../resource.ts"
import { Deleter, type Deleted } from "./deleter.ts"
import type { OwnershipContext } from "./ownership.ts"
import { Patcher, type Patch } from "./patcher.ts"
import { type Page, Reader, type ReadOptions } from "./reader.ts"
import { WatchChannels } from "./watch-channel.ts"
import { Watch } from "./watcher.ts"
import { Writer, type Written } from "./writer.ts"

export interface VerbsOptions {
  readonly store: Store
  readonly hub: Hub
  readonly clock: Clock
  readonly resolve: VersionResolver
  readonly reader: AdmissionReader
  readonly find: OwnershipContext["find"]
}

/** Deletes of a collection that run together: they share the store's flushes. */
const deletesInFlight = 64

/** What can be done to a resource, for calls that are routed and authorized. */
export class Verbs {
  readonly #options: VerbsOptions
  readonly #reader: Reader
  readonly #writer: Writer
  readonly #patcher: Patcher
  readonly #deleter: Deleter
  readonly #channels = new WatchChannels()

  constructor(options: VerbsOptions) {
    this.#options = options
    this.#reader = new Reader(options)
    this.#writer = new Writer(options)
    this.#patcher = new Patcher({ writer: this.#writer, ownership: options })
    this.#deleter = new Deleter({ ...options, writer: this.#writer })
  }

  get(call: Call): Record {
    return this.#reader.get(call)
  }

  show(resource: Resource, record: Record): ApiObject {
    return this.#reader.show(resource, record)
  }

  async list(call: Call, options: ReadOptions): Promise<Page> {
    return await this.#reader.list(call, options)
  }

  watch(call: Call, options: WatchOptions): Watch {
    const reach = (revision: number): Promise<void> => this.#reader.reach(revision)
    return new Watch(call, options, { ...this.#options, channels: this.#channels, reach })
  }

  async create(call: WriteCall, body: unknown): Promise<Written> {
    return await this.#writer.create(call, decodeObject(call, body))
  }

  /** PUT. Kinds that allow it are created when they are not there. */
  async update(call: WriteCall, body: unknown): Promise<Written> {
    const object = decodeObject(call, body)
    const { strategy } = call.resource
    const exists = call.resource.table.get(callKey(call, call.name ?? ""))
    if (!exists && strategy.createOnUpdate && call.subresource === undefined) {
      const { resourceVersion: _revision, ...metadata } = object.metadata
      return await this.#writer.create(call, { ...object, metadata })
    }
    const isUnconditional = !object.metadata.resourceVersion
    if (isUnconditional && !strategy.unconditionalUpdate && exists) throw revisionRequired(call)
    return await this.#writer.edit(call, { next: () => object, retries: isUnconditional })
  }

  async patch(call: WriteCall, patch: Patch, options: PatchOptions): Promise<Written> {
    return await this.#patcher.patch(call, patch, options)
  }

  async delete(call: WriteCall, options: DeleteOptions): Promise<Deleted> {
    return await this.#deleter.delete(call, options)
  }

  /** Deletes what the list options select, each on its own; answers what was selected. */
  async deleteCollection(call: WriteCall, options: ReadOptions & DeleteOptions): Promise<Page> {
    const selected = await this.#reader.list(call, options)
    const { records } = selected
    for (let from = 0; from < records.length; from += deletesInFlight) {
      const batch = records.slice(from, from + deletesInFlight)
      await Promise.all(
        batch.map(({ name, namespace }) =>
          this.#deleter
            .delete({ ...call, name, namespace: namespace || undefined }, options)
            .catch(ignoreGone),
        ),
      )
    }
    return selected
  }

  /** Changes an object from inside the server, past admission of another request. */
  async edit(call: WriteCall, next: (current: ApiObject) => ApiObject): Promise<Written> {
    return await this.#writer.edit(call, { next, retries: true })
  }
}

function revisionRequired(call: WriteCall): ApiError {
  const { resource } = call
  const qualified = resource.group === "" ? resource.plural : `${resource.plural}.${resource.group}`
  const message = `${qualified} ${JSON.stringify(call.name)} is invalid: metadata.resourceVersion: Invalid value: 0: must be specified for an update`
  return new ApiError(422, "Invalid", message, {
    details: {
      name: call.name,
      ...(resource.group === "" ? {} : { group: resource.group }),
      kind: resource.plural,
      causes: [
        {
          reason: "FieldValueInvalid",
          message: "Invalid value: 0: must be specified for an update",
          field: "metadata.resourceVersion",
        },
      ],
    },
  })
}

function ignoreGone(error: unknown): void {
  if (!(error instanceof ApiError && error.code === 404)) throw error
}
