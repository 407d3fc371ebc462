/** A path that is not one. */
export class JsonPathError extends Error {
  override readonly name = "JsonPathError"
}

type FilterOperand =
  | { readonly kind: "value"; readonly value: string | number | boolean }
  | { readonly kind: "path"; readonly steps: readonly PathStep[] }

/** One step of a path. */
export type PathStep =
  | { readonly kind: "field"; readonly name: string }
  | { readonly kind: "wildcard" }
  | { readonly kind: "descent" }
  | {
      readonly kind: "slice"
      readonly from: number | undefined
      readonly to: number | "single" | undefined
      readonly step: number
    }
  | { readonly kind: "union"; readonly branches: readonly PathStep[] }
  | {
      readonly kind: "filter"
      readonly left: readonly PathStep[]
      readonly operator: "exists" | "==" | "!=" | "<" | "<=" | ">" | ">="
      readonly right: FilterOperand
    }

const operators = ["==", "!=", "<=", ">=", "<", ">"] as const

/** The steps of a path; throws `JsonPathError` with the reason. */
export function parsePath(text: string): readonly PathStep[] {
  return new Parser(text).parse()
}

class Parser {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  parse(): readonly PathStep[] {
    const steps: PathStep[] = []
    if (this.#peek("$") || this.#peek("@")) this.#at += 1
    while (this.#at < this.#text.length) {
      if (this.#take("..")) {
        steps.push({ kind: "descent" })
        if (!this.#peek("[")) steps.push(this.#field())
      } else if (this.#take(".")) {
        if (this.#at < this.#text.length && !this.#peek("[")) steps.push(this.#field())
      } else if (this.#take("[?(")) {
        steps.push(this.#filter())
      } else if (this.#take("[")) {
        steps.push(this.#brackets())
      } else {
        throw this.#error(`unexpected "${this.#text[this.#at]}"`)
      }
    }
    return steps
  }

  #field(): PathStep {
    let name = ""
    while (this.#at < this.#text.length) {
      const character = this.#text[this.#at] as string
      if (".,[]$@{} \t\r\n".includes(character)) break
      this.#at += 1
      if (character === "\\") {
        name += this.#text[this.#at] ?? ""
        this.#at += 1
      } else {
        name += character
      }
    }
    if (name === "") throw this.#error("a name is missing")
    return name === "*" ? { kind: "wildcard" } : { kind: "field", name }
  }

  #brackets(): PathStep {
    const end = this.#closing("]")
    const inside = this.#text.slice(this.#at, end)
    this.#at = end + 1
    const branches = splitUnquoted(inside).map((part) => this.#subscript(part.trim()))
    return branches.length === 1 && branches[0] ? branches[0] : { kind: "union", branches }
  }

  #subscript(text: string): PathStep {
    if (text === "*") return { kind: "wildcard" }
    const quoted = unquote(text)
    if (quoted !== undefined) return { kind: "field", name: quoted.replaceAll("\\", "") }
    const match = /^(-?\d{0,15})(?::(-?\d{0,15}))?(?::(\d{0,15}))?$/.exec(text)
    if (!match || text === "" || text === "-") throw this.#error(`"${text}" is no index`)
    const [, from, to, step] = match
    const isSingle = !text.includes(":")
    const stepSize = number(step) ?? 1
    if (stepSize === 0) throw this.#error("the step must be above 0")
    return {
      kind: "slice",
      from: number(from),
      to: isSingle ? "single" : number(to),
      step: stepSize,
    }
  }

  #filter(): PathStep {
    const end = this.#closing(")")
    const inside = this.#text.slice(this.#at, end)
    this.#at = end + 1
    if (!this.#take("]")) throw this.#error("the filter is not closed")
    const found = operatorIn(inside)
    if (!found) {
      const left = this.#filterPath(inside)
      return { kind: "filter", left, operator: "exists", right: { kind: "path", steps: [] } }
    }
    const left = this.#filterPath(inside.slice(0, found.at))
    const right = this.#operand(inside.slice(found.at + found.operator.length).trim())
    return { kind: "filter", left, operator: found.operator, right }
  }

  #operand(text: string): FilterOperand {
    const quoted = unquote(text)
    if (quoted !== undefined) return { kind: "value", value: unescape(quoted) }
    if (text === "true" || text === "false") return { kind: "value", value: text === "true" }
    if (/^[+-]?\d+(?:\.\d+)?$/.test(text)) return { kind: "value", value: Number(text) }
    return { kind: "path", steps: this.#filterPath(text) }
  }

  #filterPath(text: string): readonly PathStep[] {
    const path = text.trim()
    if (!path.startsWith("@")) throw this.#error(`"${path}" does not start with @`)
    if (path.includes("[?(")) throw this.#error("filters do not nest")
    return parsePath(path)
  }

  /** The position of the first such character outside of quotes. */
  #closing(character: string): number {
    let quote = ""
    for (let at = this.#at; at < this.#text.length; at += 1) {
      const current = this.#text[at] as string
      if (quote !== "") {
        if (current === "\\") at += 1
        else if (current === quote) quote = ""
      } else if (current === '"' || current === "'") {
        quote = current
      } else if (current === character) {
        return at
      }
    }
    throw this.#error(`"${character}" is missing`)
  }

  #peek(token: string): boolean {
    return this.#text.startsWith(token, this.#at)
  }

  #take(token: string): boolean {
    if (!this.#peek(token)) return false
    this.#at += token.length
    return true
  }

  #error(reason: string): JsonPathError {
    return new JsonPathError(`parse path "${this.#text}": ${reason}`)
  }
}

function operatorIn(text: string) {
  let at = text.search(/[!<>=]/)
  if (at < 0) return undefined
  const quote = text.search(/["']/)
  if (quote >= 0 && quote < at) at = -1
  const operator = operators.find((candidate) => at >= 0 && text.startsWith(candidate, at))
  return operator === undefined ? undefined : { at, operator }
}

/** Parts between commas that stand outside of quotes. */
function splitUnquoted(text: string): readonly string[] {
  const parts: string[] = []
  let quote = ""
  let start = 0
  for (let at = 0; at < text.length; at += 1) {
    const current = text[at] as string
    if (quote !== "") {
      if (current === "\\") at += 1
      else if (current === quote) quote = ""
    } else if (current === '"' || current === "'") {
      quote = current
    } else if (current === ",") {
      parts.push(text.slice(start, at))
      start = at + 1
    }
  }
  parts.push(text.slice(start))
  return parts
}

/** What stands between a pair of quotes; undefined when the text is not quoted. */
function unquote(text: string): string | undefined {
  const quote = text[0]
  if (text.length < 2 || (quote !== '"' && quote !== "'") || !text.endsWith(quote)) return undefined
  return text.slice(1, -1)
}

function unescape(text: string): string {
  return text.replaceAll(/\\(.)/gs, "$1")
}

function number(text: string | undefined): number | undefined {
  return text === undefined || text === "" || text === "-" ? undefined : Number(text)
}
