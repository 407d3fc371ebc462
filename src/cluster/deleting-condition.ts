import type { Observation, ReconcileResult } from "#controller"
import type { ApiObject } from "#meta"

/** `Deleting`: what the teardown waits for; `otherwise` when it waits for nothing. */
export function deletingCondition(
  object: ApiObject,
  result: ReconcileResult,
  otherwise: { readonly reason: string; readonly message: string },
): Observation {
  const type = "Deleting"
  if (object.metadata.deletionTimestamp === undefined) {
    return { type, status: "False", reason: "NotDeleting" }
  }
  if (result.error) {
    return { type, status: "True", reason: "InternalError", message: result.error.message }
  }
  const { reason, message } = result.waits[0] ?? otherwise
  return { type, status: "True", reason, message }
}
