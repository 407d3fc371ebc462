import { type ContractReference, type ExternalScope, KindNotServedError } from "#controller"
import type { UntypedObject } from "#meta"

/** What a contract reference leads to. */
export type ExternalLook =
  | { readonly kind: "found"; readonly object: UntypedObject }
  | { readonly kind: "missing" }
  /** No CRD serves the kind. */
  | { readonly kind: "unserved"; readonly message: string }

/** How long until a missing CRD is looked for again. */
export const crdRetryMs = 30_000

/** From the cache: for decisions that are taken again when the object changes. */
export async function lookExternal(
  scope: ExternalScope,
  reference: ContractReference,
  namespace: string | undefined,
): Promise<ExternalLook> {
  return look(() => scope.external(reference, namespace))
}

/** Asks the server: for decisions that rest on absence. */
export async function lookExternalLive(
  scope: ExternalScope,
  reference: ContractReference,
  namespace: string | undefined,
): Promise<ExternalLook> {
  return look(() => scope.liveExternal(reference, namespace))
}

async function look(read: () => Promise<UntypedObject | undefined>): Promise<ExternalLook> {
  try {
    const object = await read()
    return object ? { kind: "found", object } : { kind: "missing" }
  } catch (error) {
    if (!(error instanceof KindNotServedError)) throw error
    return { kind: "unserved", message: error.message }
  }
}

export function objectOf(look: ExternalLook | undefined): UntypedObject | undefined {
  return look?.kind === "found" ? look.object : undefined
}
