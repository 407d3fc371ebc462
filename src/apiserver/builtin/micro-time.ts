import { type FieldError, invalidError } from "#schema"

const microTime = /\.\d{6}(?:Z|[+-]\d\d:\d\d)$/

/**
 * Times that Go reads with six digits of a second: in any other form one of them would keep Go's
 * clients from reading a whole list.
 */
export function microTimeErrors(field: string, value: unknown): readonly FieldError[] {
  if (typeof value !== "string" || microTime.test(value)) return []
  const detail = "must have six digits of a second, as in 2006-01-02T15:04:05.000000Z"
  return [invalidError(field, value, detail)]
}
