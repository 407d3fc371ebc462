import type { ApiObject, KindRef, PatchOptions, PatchType } from "#meta"
import type { Call, WriteCall } from "../call.ts"
import type { TableColumn } from "../resource.ts"

/** What a streaming GET was asked with. */
export interface StreamRequest {
  readonly query: URLSearchParams
  /** Aborts when the client has gone. */
  readonly signal: AbortSignal
}

/** A subresource that is more than a part of the stored object. Methods it lacks answer 405. */
export interface SubresourceHandler {
  /** How `kubectl get` shows what it answers; without them it is an object to everybody. */
  readonly columns?: readonly TableColumn[] | undefined
  /** Answers a GET with text, piece by piece, as `pods/log` does. */
  readonly stream?: ((call: Call, request: StreamRequest) => AsyncIterable<string>) | undefined
  readonly get?: ((call: Call) => Promise<ApiObject>) | undefined
  readonly create?: ((call: WriteCall, body: unknown) => Promise<ApiObject>) | undefined
  readonly update?: ((call: WriteCall, body: unknown) => Promise<ApiObject>) | undefined
  readonly patch?:
    | ((
        call: WriteCall,
        patch: { readonly type: PatchType; readonly body: unknown },
        options: PatchOptions,
      ) => Promise<ApiObject>)
    | undefined
}

/** The handlers by kind and subresource; `scale` is answered for every kind that declares it. */
export class SubresourceHandlers {
  readonly #byName = new Map<string, SubresourceHandler>()

  /** `subresource` is empty for kinds that exist only as requests (reviews). */
  add(
    kind: Pick<KindRef, "group" | "plural">,
    subresource: string,
    handler: SubresourceHandler,
  ): void {
    this.#byName.set(`${kind.group}/${kind.plural}/${subresource}`, handler)
  }

  find(call: Call): SubresourceHandler | undefined {
    const { resource, subresource = "" } = call
    return (
      this.#byName.get(`${resource.group}/${resource.plural}/${subresource}`) ??
      (subresource === "scale" ? this.#byName.get("*/*/scale") : undefined)
    )
  }
}
