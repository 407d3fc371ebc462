import { ApiError, type KindRef } from "#meta"
import { type FieldError, fieldErrorMessage, forbiddenError, formatFieldError } from "#schema"

/**
 * 422 with every finding, in upstream's words: `Machine.cluster.x-k8s.io "a" is invalid: …`. An
 * object whose name was not to be generated any more has none.
 */
export function invalid(
  kind: Pick<KindRef, "group" | "kind">,
  name: string | undefined,
  errors: readonly FieldError[],
): ApiError {
  const qualified = kind.group === "" ? kind.kind : `${kind.kind}.${kind.group}`
  const texts = errors.map((error) => formatFieldError(error))
  const problems = texts.length === 1 ? texts[0] : `[${texts.join(", ")}]`
  return new ApiError(
    422,
    "Invalid",
    `${qualified} ${JSON.stringify(name ?? "")} is invalid: ${problems}`,
    {
      details: {
        ...(name ? { name } : {}),
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

/** The parameters of a request, as kinds of their own. */
export type OptionsKind =
  | "CreateOptions"
  | "DeleteOptions"
  | "ListOptions"
  | "PatchOptions"
  | "UpdateOptions"

/** 422 for parameters that cannot be, or not together. */
export function invalidOptions(kind: OptionsKind, error: FieldError): ApiError {
  return invalid({ group: "meta.k8s.io", kind }, undefined, [error])
}

/** A parameter that must not be there. */
export function forbiddenOption(kind: OptionsKind, field: string, detail: string): ApiError {
  return invalidOptions(kind, forbiddenError(field, detail))
}
