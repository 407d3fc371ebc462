import { badRequest } from "./api-error.ts"

/** One clause of a label selector. */
export interface Requirement {
  readonly key: string
  readonly operator: "In" | "NotIn" | "Exists" | "DoesNotExist" | "GreaterThan" | "LessThan"
  readonly values: readonly string[]
}

/** All clauses must hold; an empty list selects everything. */
export type Selector = readonly Requirement[]

/** `metav1.LabelSelector`. */
export interface LabelSelector {
  readonly matchLabels?: Readonly<Record<string, string>> | undefined
  readonly matchExpressions?:
    | readonly {
        readonly key: string
        readonly operator: string
        readonly values?: readonly string[] | undefined
      }[]
    | undefined
}

/**
 * The selector of a `metav1.LabelSelector`; an undefined one selects nothing, an empty one
 * everything.
 */
export function selectorOf(source: LabelSelector | undefined): Selector | undefined {
  if (!source) return undefined
  const equalities = Object.entries(source.matchLabels ?? {}).map(([key, value]): Requirement => ({
    key,
    operator: "In",
    values: [value],
  }))
  const expressions = (source.matchExpressions ?? []).map((clause): Requirement => ({
    key: clause.key,
    operator: expressionOperator(clause.operator),
    values: clause.values ?? [],
  }))
  return [...equalities, ...expressions]
}

function expressionOperator(operator: string): Requirement["operator"] {
  if (
    operator === "In" ||
    operator === "NotIn" ||
    operator === "Exists" ||
    operator === "DoesNotExist"
  ) {
    return operator
  }
  throw badRequest(`${JSON.stringify(operator)} is not a valid label selector operator`)
}

export function matchesSelector(
  selector: Selector,
  labels: Readonly<Record<string, string>> | undefined,
): boolean {
  return selector.every((clause) => matchesRequirement(clause, labels ?? {}))
}

function matchesRequirement(
  clause: Requirement,
  labels: Readonly<Record<string, string>>,
): boolean {
  const value = Object.hasOwn(labels, clause.key) ? labels[clause.key] : undefined
  switch (clause.operator) {
    case "In":
      return value !== undefined && clause.values.includes(value)
    case "NotIn":
      return value === undefined || !clause.values.includes(value)
    case "Exists":
      return value !== undefined
    case "DoesNotExist":
      return value === undefined
    case "GreaterThan":
      return value !== undefined && Number.parseInt(value, 10) > Number(clause.values[0])
    case "LessThan":
      return value !== undefined && Number.parseInt(value, 10) < Number(clause.values[0])
  }
}

/**
 * Parses the query form: `a=b,c!=d,e in (f,g),h notin (i),j,!k,l>1`.
 * Errors: `BadRequest` naming the clause.
 */
export function parseSelector(text: string): Selector {
  return splitClauses(text).map((clause) => parseClause(clause))
}

function splitClauses(text: string): string[] {
  const clauses: string[] = []
  let depth = 0
  let start = 0
  for (let index = 0; index <= text.length; index += 1) {
    const character = text[index]
    if (character === "(") depth += 1
    if (character === ")") depth -= 1
    if (index === text.length || (character === "," && depth === 0)) {
      const clause = text.slice(start, index).trim()
      if (clause !== "") clauses.push(clause)
      else if (text.trim() !== "") throw unparsable(text)
      start = index + 1
    }
  }
  if (depth !== 0) throw unparsable(text)
  return clauses
}

const keyPattern =
  /^(?:[a-z0-9](?:[-a-z0-9.]{0,251}[a-z0-9])?\/)?[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/
const valuePattern = /^(?:[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/

function parseClause(clause: string): Requirement {
  const set = /^(\S+)\s+(in|notin)\s*\(([^()]*)\)$/.exec(clause)
  if (set) {
    const values = (set[3] ?? "").split(",").map((value) => value.trim())
    return requirement(clause, set[1], set[2] === "in" ? "In" : "NotIn", values)
  }
  const comparison = /^([^=!<>\s]+)\s*(==|=|!=|>|<)\s*([^=!<>\s]*)$/.exec(clause)
  if (comparison) {
    return requirement(clause, comparison[1], comparisonOperator(comparison[2]), [
      comparison[3] ?? "",
    ])
  }
  return clause.startsWith("!")
    ? requirement(clause, clause.slice(1).trim(), "DoesNotExist", [])
    : requirement(clause, clause, "Exists", [])
}

function comparisonOperator(sign: string | undefined): Requirement["operator"] {
  if (sign === "!=") return "NotIn"
  if (sign === ">") return "GreaterThan"
  return sign === "<" ? "LessThan" : "In"
}

function requirement(
  clause: string,
  key: string | undefined,
  operator: Requirement["operator"],
  values: readonly string[],
): Requirement {
  const isNumeric = operator === "GreaterThan" || operator === "LessThan"
  if (key === undefined || !keyPattern.test(key)) throw unparsable(clause)
  if (!values.every((value) => valuePattern.test(value))) throw unparsable(clause)
  if (isNumeric && !/^-?\d+$/.test(values[0] ?? "")) throw unparsable(clause)
  return { key, operator, values }
}

function unparsable(text: string): Error {
  return badRequest(`unable to parse requirement: ${JSON.stringify(text)} is not a label selector`)
}

/** The query form of a selector, as `status.selector` and clients write it. */
export function formatSelector(selector: Selector): string {
  return selector
    .map((clause) => {
      switch (clause.operator) {
        case "In":
          return clause.values.length === 1
            ? `${clause.key}=${clause.values[0]}`
            : `${clause.key} in (${[...clause.values].sort().join(",")})`
        case "NotIn":
          return clause.values.length === 1
            ? `${clause.key}!=${clause.values[0]}`
            : `${clause.key} notin (${[...clause.values].sort().join(",")})`
        case "Exists":
          return clause.key
        case "DoesNotExist":
          return `!${clause.key}`
        case "GreaterThan":
          return `${clause.key}>${clause.values[0]}`
        case "LessThan":
          return `${clause.key}<${clause.values[0]}`
      }
    })
    .join(",")
}
