import { ApiError, type KindRef } from "#meta"
import { type FieldError, fieldErrorMessage, formatFieldError } from "#schema"

/** 422 with every finding, in upstream's words: `Machine.cluster.x-k8s.io "a" is invalid: …`. */
export function invalid(kind: KindRef, name: string, errors: readonly FieldError[]): ApiError {
  const qualified = kind.group === "" ? kind.kind : `${kind.kind}.${kind.group}`
  const texts = errors.map((error) => formatFieldError(error))
  const problems = texts.length === 1 ? texts[0] : `[${texts.join(", ")}]`
  return new ApiError(
    422,
    "Invalid",
    `${qualified} ${JSON.stringify(name)} is invalid: ${problems}`,
    {
      details: {
        name,
        ...(kind.group === "" ? {} : { group: kind.group }),
        kind: kind.kind,
        causes: errors.map((error) => ({
          reason: error.reason,
          message: fieldErrorMessage(error),
          field: error.field,
        })),
      },
    },
  )
}
