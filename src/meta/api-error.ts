/** The reasons of `metav1.Status` that we send or act on. */
export type StatusReason =
  | "BadRequest"
  | "Unauthorized"
  | "Forbidden"
  | "NotFound"
  | "AlreadyExists"
  | "Conflict"
  | "Gone"
  | "Invalid"
  | "Expired"
  | "Timeout"
  | "TooManyRequests"
  | "MethodNotAllowed"
  | "NotAcceptable"
  | "UnsupportedMediaType"
  | "RequestEntityTooLarge"
  | "InternalError"
  | "ServiceUnavailable"
  | "Unknown"

export interface StatusCause {
  readonly reason?: string | undefined
  readonly message?: string | undefined
  readonly field?: string | undefined
}

export interface StatusDetails {
  readonly name?: string | undefined
  readonly group?: string | undefined
  readonly kind?: string | undefined
  readonly uid?: string | undefined
  readonly causes?: readonly StatusCause[] | undefined
  readonly retryAfterSeconds?: number | undefined
}

/** `metav1.Status`, kind and apiVersion included. */
export interface Status {
  readonly kind: "Status"
  readonly apiVersion: "v1"
  readonly metadata: Readonly<Record<string, unknown>>
  readonly status: "Success" | "Failure"
  readonly message?: string | undefined
  readonly reason?: string | undefined
  readonly details?: StatusDetails | undefined
  readonly code: number
}

/**
 * Every failure that crosses the API, on the server and in the client: one class, Kubernetes'
 * reasons.
 */
export class ApiError extends Error {
  override readonly name = "ApiError"
  readonly code: number
  /** Empty where upstream sends none. */
  readonly reason: StatusReason | ""
  readonly details: StatusDetails | undefined

  constructor(
    code: number,
    reason: StatusReason | "",
    message: string,
    options: { readonly details?: StatusDetails | undefined; readonly cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.reason = reason
    this.details = options.details
  }

  toStatus(): Status {
    return {
      kind: "Status",
      apiVersion: "v1",
      metadata: {},
      status: "Failure",
      message: this.message,
      ...(this.reason === "" ? {} : { reason: this.reason }),
      ...(this.details ? { details: this.details } : {}),
      code: this.code,
    }
  }

  static fromStatus(status: Partial<Status>, httpCode: number): ApiError {
    return new ApiError(
      status.code ?? httpCode,
      (status.reason ?? "") as StatusReason | "",
      status.message ?? `the server answered ${httpCode}`,
      { details: status.details },
    )
  }
}

/** Names a resource in an error: group and plural. */
export interface ResourceName {
  readonly group: string
  readonly plural: string
}

function qualified(resource: ResourceName): string {
  return resource.group === "" ? resource.plural : `${resource.plural}.${resource.group}`
}

function detailsOf(resource: ResourceName, name: string): StatusDetails {
  return {
    name,
    ...(resource.group === "" ? {} : { group: resource.group }),
    kind: resource.plural,
  }
}

export function notFound(resource: ResourceName, name: string): ApiError {
  return new ApiError(404, "NotFound", `${qualified(resource)} ${JSON.stringify(name)} not found`, {
    details: detailsOf(resource, name),
  })
}

export function alreadyExists(resource: ResourceName, name: string): ApiError {
  const message = `${qualified(resource)} ${JSON.stringify(name)} already exists`
  return new ApiError(409, "AlreadyExists", message, { details: detailsOf(resource, name) })
}

/** A write that raced another: `problem` says what did not match. */
export function conflict(
  resource: ResourceName,
  name: string,
  problem = "the object has been modified; please apply your changes to the latest version and try again",
): ApiError {
  const message = `Operation cannot be fulfilled on ${qualified(resource)} ${JSON.stringify(name)}: ${problem}`
  return new ApiError(409, "Conflict", message, { details: detailsOf(resource, name) })
}

export function forbidden(resource: ResourceName, name: string, problem: string): ApiError {
  const subject = name === "" ? "" : ` ${JSON.stringify(name)}`
  return new ApiError(
    403,
    "Forbidden",
    `${qualified(resource)}${subject} is forbidden: ${problem}`,
    {
      details: detailsOf(resource, name),
    },
  )
}

export function badRequest(message: string): ApiError {
  return new ApiError(400, "BadRequest", message)
}

/** True for an `ApiError` with one of the reasons. */
export function hasReason(error: unknown, ...reasons: readonly StatusReason[]): error is ApiError {
  return error instanceof ApiError && reasons.some((reason) => reason === error.reason)
}

export function isNotFound(error: unknown): error is ApiError {
  return error instanceof ApiError && error.code === 404
}

export function isAlreadyExists(error: unknown): error is ApiError {
  return hasReason(error, "AlreadyExists")
}

export function isConflict(error: unknown): error is ApiError {
  return hasReason(error, "Conflict")
}
