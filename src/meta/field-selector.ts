import { badRequest } from "./api-error.ts"

/** One clause of a field selector. */
export interface FieldRequirement {
  readonly field: string
  readonly value: string
  readonly negated: boolean
}

/**
 * Parses `metadata.name=a,status.phase!=b`; `\,`, `\=` and `\\` escape.
 * Errors: `BadRequest` naming the clause.
 */
export function parseFieldSelector(text: string): readonly FieldRequirement[] {
  return splitEscaped(text).map((clause) => {
    const match = /^([^=!]+)(==|=|!=)([\s\S]*)$/.exec(clause)
    if (!match) {
      throw badRequest(`invalid selector: ${JSON.stringify(clause)}; can't understand it`)
    }
    return {
      field: (match[1] ?? "").trim(),
      value: (match[3] ?? "").replaceAll(/\\([\\,=])/g, "$1"),
      negated: match[2] === "!=",
    }
  })
}

function splitEscaped(text: string): string[] {
  const clauses: string[] = []
  let current = ""
  for (let index = 0; index < text.length; index += 1) {
    const character = text[index] ?? ""
    if (character === "\\") {
      current += character + (text[index + 1] ?? "")
      index += 1
    } else if (character === ",") {
      clauses.push(current)
      current = ""
    } else {
      current += character
    }
  }
  clauses.push(current)
  return clauses.filter((clause) => clause.trim() !== "")
}
