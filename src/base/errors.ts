/** Our own mistake: an invariant does not hold. Never raised for bad input. */
export class AssertionError extends Error {
  override readonly name = "AssertionError"
}

/** Throws unless the invariant holds. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new AssertionError(message)
}

/** For the branch that an exhaustive switch never takes. */
export function unreachable(value: never): never {
  throw new AssertionError(`unreachable value: ${JSON.stringify(value)}`)
}

/** The message of anything thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
