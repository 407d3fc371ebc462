/** Anything that keeps a host from doing what was asked. */
export abstract class HostError extends Error {
  /** One word that fits a condition as it is: the name without `Error`. */
  get reason(): string {
    return this.name.replace(/Error$/, "")
  }
}

/** The host does not answer, or the connection to it was lost. */
export class HostUnreachableError extends HostError {
  override readonly name = "HostUnreachableError"
}

/** The host refused every way in that the key allows. */
export class AuthenticationFailedError extends HostError {
  override readonly name = "AuthenticationFailedError"
}

/** The host shows another key than the one it was pinned to. */
export class HostKeyChangedError extends HostError {
  override readonly name = "HostKeyChangedError"
  readonly expected: string
  /** Fingerprints of every key the host showed. */
  readonly presented: readonly string[]

  constructor(address: string, expected: string, presented: readonly string[]) {
    super(
      `verify host key of ${address}: expected ${expected}, the host shows ${presented.join(", ")}`,
    )
    this.expected = expected
    this.presented = presented
  }
}

/** The user is not root and cannot become root without a password. */
export class SudoRequiredError extends HostError {
  override readonly name = "SudoRequiredError"
}

/** The private key cannot be used: not a key, passphrase missing or wrong. */
export class InvalidKeyError extends HostError {
  override readonly name = "InvalidKeyError"
}

/**
 * The host belongs to another claim, or carries Kubernetes state that nobody claimed. Nothing was
 * touched.
 */
export class HostInUseError extends HostError {
  override readonly name = "HostInUseError"
  /** The claim that owns the host; undefined when the state there has no owner. */
  readonly owner: string | undefined

  constructor(message: string, owner: string | undefined) {
    super(message)
    this.owner = owner
  }
}

/** A newer epoch of the same claim has been at work on the host. */
export class StaleEpochError extends HostError {
  override readonly name = "StaleEpochError"
}

/** The host lacks something that every plan needs. */
export class HostUnsupportedError extends HostError {
  override readonly name = "HostUnsupportedError"
}

/** No room is left on the host for what was sent. */
export class DiskFullError extends HostError {
  override readonly name = "DiskFullError"
}

/** Whether a message of the host says that there is no room left. */
export function isDiskFull(text: string): boolean {
  return /no space left|disk quota exceeded/i.test(text)
}

/** An operation took longer than it was given. */
export class HostTimeoutError extends HostError {
  override readonly name = "HostTimeoutError"
}

/** One of our own operations failed on the host for a reason that has no class of its own. */
export class HostOperationError extends HostError {
  override readonly name = "HostOperationError"

  override get reason(): string {
    return "HostOperationFailed"
  }
}

/** The plan is not one that can be run. Raised before the host is touched. */
export class InvalidPlanError extends HostError {
  override readonly name = "InvalidPlanError"
}

/** What was asked does not fit the state of the plan on the host. */
export class PlanStateError extends HostError {
  override readonly name = "PlanStateError"
}

/** The host could not be cleaned and stays claimed. */
export class CleanupFailedError extends HostError {
  override readonly name = "CleanupFailedError"
  readonly step: string
  /** The end of the failing step's output, redacted. */
  readonly output: string

  constructor(step: string, detail: string, output: string) {
    super(`clean host: step ${step} ${detail}`)
    this.step = step
    this.output = output
  }
}
