import { ApiError, PatchError, type StatusReason } from "#meta"
import type { WriteCall } from "../call.ts"

const reasons: Readonly<Record<PatchError["code"], StatusReason>> = {
  400: "BadRequest",
  413: "RequestEntityTooLarge",
  422: "Invalid",
}

/**
 * A patch that cannot be applied, as clients are told; other errors are handed back as they are.
 */
export function patchError(error: unknown, call: WriteCall): unknown {
  if (!(error instanceof PatchError)) return error
  const { resource, name = "" } = call
  const reason = reasons[error.code]
  const details = {
    name,
    ...(resource.group === "" ? {} : { group: resource.group }),
    kind: resource.plural,
  }
  const message =
    error.code === 422
      ? `the server rejected our request due to an error in our request: ${error.message}`
      : error.message
  return new ApiError(error.code, reason, message, {
    cause: error,
    ...(error.code === 422 ? { details } : {}),
  })
}
