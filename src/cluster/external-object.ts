import {
  type ContractReference,
  done,
  type ExternalScope,
  KindNotServedError,
  type Outcome,
  waitFor,
} from "#controller"
import type { ObjectKey, UntypedObject } from "#meta"

/** A scope whose references lead to objects beside its own. */
export interface ReferringScope extends ExternalScope {
  readonly key: ObjectKey
}

interface Missing {
  readonly kind: "missing"
}

/** No CRD serves the kind. */
interface Unserved {
  readonly kind: "unserved"
  readonly message: string
}

/** What a contract reference leads to. */
export type ExternalLook =
  | { readonly kind: "found"; readonly object: UntypedObject }
  | Missing
  | Unserved

/** How long until a missing CRD is looked for again. */
export const crdRetryMs = 30_000

/** From the cache: for decisions that are taken again when the object changes. */
export async function lookExternal(
  scope: ReferringScope,
  reference: ContractReference,
): Promise<ExternalLook> {
  return look(() => scope.external(reference, scope.key.namespace))
}

/** Asks the server: for decisions that rest on absence. */
export async function lookExternalLive(
  scope: ReferringScope,
  reference: ContractReference,
): Promise<ExternalLook> {
  return look(() => scope.liveExternal(reference, scope.key.namespace))
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

/** What a phase answers that follows an object which is not there; the others go on. */
export function waitForExternal(
  look: Missing | Unserved,
  { kind, name }: ContractReference,
  missing: { readonly reason: string; readonly wasThere: boolean },
): Outcome {
  if (look.kind === "unserved") {
    return waitFor("KindNotServed", { message: look.message, afterMs: crdRetryMs, stop: false })
  }
  const message = `${kind} ${name} ${missing.wasThere ? "has been deleted" : "does not exist"}`
  return waitFor(missing.reason, { message, stop: false })
}

/** Deletes the object and waits until it is gone, by the server's word. */
export async function deleteExternal(
  scope: ReferringScope,
  reference: ContractReference,
  reason: string,
): Promise<Outcome> {
  const look = await lookExternalLive(scope, reference)
  if (look.kind !== "found") return done
  if (look.object.metadata.deletionTimestamp === undefined) {
    await scope.deleteExternal(look.object)
    const after = await lookExternalLive(scope, reference)
    if (after.kind !== "found") return done
  }
  return waitFor(reason, { message: `Waiting for ${reference.kind} to be deleted` })
}
