/** A patch that cannot be applied. `code` is the HTTP status that upstream answers with. */
export class PatchError extends Error {
  override readonly name: string = "PatchError"
  /** 400: not a patch; 413: beyond a limit; 422: does not apply to this object. */
  readonly code: 400 | 413 | 422

  constructor(code: 400 | 413 | 422, message: string) {
    super(message)
    this.code = code
  }
}

/** An operation of a JSON patch that cannot be applied. */
export class JsonPatchError extends PatchError {
  override readonly name: string = "JsonPatchError"
  /** Position in the patch, from 0. */
  readonly index: number
  /** The JSON pointer that the operation failed at, as the patch has it. */
  readonly path: string

  constructor(code: 400 | 413 | 422, at: { index: number; path: string }, message: string) {
    super(code, message)
    this.index = at.index
    this.path = at.path
  }
}

/**
 * A `test` operation whose value differs: the patch is right, the object is not what its author
 * expected.
 */
export class JsonPatchTestError extends JsonPatchError {
  override readonly name = "JsonPatchTestError"
}
