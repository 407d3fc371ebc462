/** One broken rule: where, and what to do about it. `line` counts from one; zero is the file. */
export interface Finding {
  readonly rule: string
  readonly file: string
  readonly line: number
  readonly message: string
}

/** As compilers print it, so that editors can jump there. */
export function findingText({ rule, file, line, message }: Finding): string {
  return `${file}${line > 0 ? `:${line}` : ""}: ${message} (${rule})`
}
