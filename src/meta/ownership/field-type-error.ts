/** One thing wrong with an object, and where: `path` is empty for the object as a whole. */
export interface FieldProblem {
  readonly path: string
  readonly message: string
}

/** An object that does not fit its schema, so that its fields cannot be told apart. */
export class FieldTypeError extends Error {
  override readonly name = "FieldTypeError"
  readonly problems: readonly FieldProblem[]

  constructor(problems: readonly FieldProblem[]) {
    const lines = problems.map(({ path, message }) =>
      path === "" ? message : `${path}: ${message}`,
    )
    super(lines.length === 1 ? lines[0] : `errors:\n  ${lines.join("\n  ")}`)
    this.problems = problems
  }
}
