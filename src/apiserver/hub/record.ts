import type { ApiObject } from "#meta"
import type { Revision } from "#store"

const metadataStart = Buffer.from('"metadata":{')

/**
 * One stored object as the hub keeps it: the committed bytes with `resourceVersion` spliced in
 * once, and what selectors and indexes need. The parsed object is made on demand and let go when
 * memory is wanted.
 */
export class Record {
  readonly key: string
  readonly namespace: string
  readonly name: string
  readonly revision: Revision
  /** The storage version as JSON, `resourceVersion` included. */
  readonly bytes: Buffer
  readonly uid: string
  readonly labels: Readonly<{ [label: string]: string }> | undefined
  readonly ownerUids: readonly string[]
  /** Marked as deleted; finalizers keep it. */
  readonly isDeleting: boolean
  #object: WeakRef<ApiObject>

  constructor(key: string, value: Uint8Array, revision: Revision) {
    const [namespace, name] = placeOf(key)
    this.key = key
    this.namespace = namespace
    this.name = name
    this.revision = revision
    this.bytes = spliceRevision(value, revision)
    const object = this.#parse()
    this.#object = new WeakRef(object)
    this.uid = object.metadata.uid ?? ""
    this.labels = object.metadata.labels
    this.ownerUids = object.metadata.ownerReferences?.map((owner) => owner.uid) ?? []
    this.isDeleting = Boolean(object.metadata.deletionTimestamp)
  }

  /** The object in its storage version. Not to be changed; hand copies to whoever edits. */
  get object(): ApiObject {
    const known = this.#object.deref()
    if (known) return known
    const parsed = this.#parse()
    this.#object = new WeakRef(parsed)
    return parsed
  }

  #parse(): ApiObject {
    return JSON.parse(this.bytes.toString("utf8")) as ApiObject
  }
}

/**
 * The store's key for an object: `group/plural/namespace/name`; the core group is written `core`.
 */
export function keyFor(prefix: string, namespace: string | undefined, name: string): string {
  return `${prefix}${namespace ?? ""}/${name}`
}

/** What all keys of a resource begin with. */
export function prefixFor(group: string, plural: string): string {
  return `${group === "" ? "core" : group}/${plural}/`
}

function placeOf(key: string): [namespace: string, name: string] {
  const parts = key.split("/")
  return [parts[2] ?? "", parts[3] ?? ""]
}

/**
 * Stored bytes never carry a resource version: it is the revision of the write that stored them.
 * Bytes that live long have memory of their own: a slice of a shared pool keeps the whole of it.
 */
function spliceRevision(value: Uint8Array, revision: Revision): Buffer {
  const stored = Buffer.from(value.buffer, value.byteOffset, value.byteLength)
  const at = stored.indexOf(metadataStart) + metadataStart.length
  const field = `"resourceVersion":"${revision}",`
  const bytes = Buffer.allocUnsafeSlow(stored.length + field.length)
  stored.copy(bytes, 0, 0, at)
  bytes.write(field, at, "latin1")
  stored.copy(bytes, at + field.length, at)
  return bytes
}

/**
 * The bytes to store for an object: no resource version, `metadata` before anything of any size.
 */
export function encodeStored(object: ApiObject): Buffer {
  const { apiVersion, kind, metadata, ...rest } = object
  const { resourceVersion: _revision, ...stored } = metadata
  const text = JSON.stringify({ apiVersion, kind, metadata: stored, ...rest })
  const bytes = Buffer.allocUnsafeSlow(Buffer.byteLength(text))
  bytes.write(text)
  return bytes
}
