import { cloneJson, deepFreeze } from "#base"
import type { Client } from "#client"
import { type ApiObject, keyOf, type KindRef } from "#meta"
import { mergePatchOf } from "./merge-patch.ts"

type Fields = Record<string, unknown>

/** The primary during one reconcile: as read, with the edits made so far, written as one patch. */
export class PrimaryDraft {
  readonly #client: Client
  readonly #kind: KindRef<ApiObject>
  #base: ApiObject
  #object: ApiObject
  #status: { readonly value: unknown } | undefined

  constructor(client: Client, kind: KindRef<ApiObject>, object: ApiObject) {
    this.#client = client
    this.#kind = kind
    this.#base = object
    this.#object = object
  }

  /** As the server has it. */
  get base(): ApiObject {
    return this.#base
  }

  /** As phases see it. */
  get object(): ApiObject {
    return this.#object
  }

  edit(change: (draft: Fields) => void): void {
    const { status, ...rest } = this.#object as ApiObject & { readonly status?: unknown }
    const draft = cloneJson(rest) as unknown as Fields
    change(draft)
    this.#object = deepFreeze({ ...draft, status }) as unknown as ApiObject
  }

  editStatus(change: (status: Fields) => void): void {
    const { status = {} } = this.#object as { readonly status?: object }
    const draft = cloneJson(status) as Fields
    change(draft)
    this.#status = { value: draft }
    this.#object = deepFreeze({ ...this.#object, status: draft })
  }

  /** Writes the edits, locked to the version that they were made on. Rejects with `Conflict`. */
  async flush(): Promise<void> {
    const patch = mergePatchOf(withoutStatus(this.#base), withoutStatus(this.#object))
    if (!patch) return
    const { resourceVersion } = this.#base.metadata
    const metadata = { ...(patch["metadata"] as Fields | undefined), resourceVersion }
    const body = { ...patch, metadata }
    const key = keyOf(this.#base)
    this.#base = deepFreeze(await this.#client.patch(this.#kind, key, { type: "merge", body }))
    this.#object = this.#status
      ? deepFreeze({ ...this.#base, status: this.#status.value })
      : this.#base
  }
}

function withoutStatus(object: ApiObject): Fields {
  const { status: _, ...rest } = object as ApiObject & { readonly status?: unknown }
  return rest
}
