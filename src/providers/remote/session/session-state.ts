import {
  CleanupFailedError,
  HostError,
  type HostAddress,
  type HostCredentials,
  type HostKeyPolicy,
  HostTimeoutError,
  HostUnreachableError,
  InvalidKeyError,
  InvalidPlanError,
} from "#remote"

import { ProvisionError } from "../plan/provision-error.ts"

/** How a session reaches its host. */
export interface SessionTarget {
  readonly address: HostAddress
  readonly credentials: HostCredentials
  readonly hostKey: HostKeyPolicy
  /** The RemoteMachine says that the host was reached; nothing is done there before. */
  readonly isContactNoted: boolean
}

/** What a session is at. */
export type SessionState =
  /** Waits until one of the sessions that run gives way. */
  | { readonly kind: "queued" }
  | { readonly kind: "connecting" }
  /** Reached for the first time: goes on once the contact is noted. */
  | { readonly kind: "reached"; readonly fingerprint: string }
  | { readonly kind: "working" }
  | { readonly kind: "done" }
  | SessionProblem

export interface SessionProblem {
  readonly kind: "problem"
  /** Fits a condition as it is. */
  readonly reason: string
  readonly message: string
  /** Milliseconds since the epoch; of the first of equal problems in a row. */
  readonly sinceMs: number
  /** Nothing is tried again before something changes or somebody asks. */
  readonly isFinal: boolean
}

/** A plan came to a stop that only a person can end. */
export class PlanStoppedError extends Error {
  override readonly name = "PlanStoppedError"
  readonly reason: "BootstrapFailed" | "BootstrapInterrupted"

  constructor(reason: "BootstrapFailed" | "BootstrapInterrupted", message: string) {
    super(message)
    this.reason = reason
  }
}

/** The one word for what went wrong. */
export function reasonOf(error: unknown): string {
  if (
    error instanceof HostError ||
    error instanceof ProvisionError ||
    error instanceof PlanStoppedError
  ) {
    return error.reason
  }
  return "InternalError"
}

/** True for what does not change by itself. */
export function isFinal(error: unknown): boolean {
  return (
    error instanceof ProvisionError ||
    error instanceof PlanStoppedError ||
    error instanceof InvalidPlanError ||
    error instanceof InvalidKeyError
  )
}

/**
 * How soon to try again: a host that is away may be back any moment, a refusal rarely ends soon.
 */
export function delaysFor(error: unknown): { readonly firstMs: number; readonly maxMs: number } {
  if (error instanceof HostUnreachableError || error instanceof HostTimeoutError) {
    return { firstMs: 1_000, maxMs: 30_000 }
  }
  if (error instanceof CleanupFailedError) return { firstMs: 15_000, maxMs: 120_000 }
  if (error instanceof HostError) return { firstMs: 10_000, maxMs: 120_000 }
  return { firstMs: 5_000, maxMs: 120_000 }
}
