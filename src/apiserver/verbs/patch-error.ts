import { ApiError, PatchError, type StatusReason } from "#meta"

const reasons: Readonly<Record<PatchError["code"], StatusReason>> = {
  400: "BadRequest",
  413: "RequestEntityTooLarge",
  422: "Invalid",
}

/**
 * A patch that cannot be applied, as clients are told; other errors are handed back as they are.
 * The details name no object: kubectl would show that name, and not the message.
 */
export function patchError(error: unknown): unknown {
  if (!(error instanceof PatchError)) return error
  const isInvalid = error.code === 422
  const message = isInvalid
    ? `the server rejected our request due to an error in our request: ${error.message}`
    : error.message
  return new ApiError(error.code, reasons[error.code], message, {
    cause: error,
    ...(isInvalid ? { details: {} } : {}),
  })
}
