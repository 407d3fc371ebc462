import { parse } from "yaml"
import { exceedsNesting } from "#schema"

const aliasesMax = 100

/** What parsing a text came to. A value travels as JSON: it is copied between threads anyway. */
export type YamlOutcome =
  | { readonly kind: "value"; readonly json: string }
  | { readonly kind: "problem"; readonly message: string }

export interface YamlTask {
  readonly text: string
  readonly nestingMax: number
}

/**
 * One YAML document as JSON. Aliases are bounded, so that a small text stays small. A text of a few
 * megabytes can take seconds: this runs in a thread of its own.
 */
export function parseYamlText({ text, nestingMax }: YamlTask): YamlOutcome {
  try {
    const value: unknown = parse(text, {
      maxAliasCount: aliasesMax,
      logLevel: "silent",
      uniqueKeys: false,
    })
    if (exceedsNesting(value, nestingMax)) {
      return { kind: "problem", message: `it nests deeper than ${nestingMax} levels` }
    }
    return { kind: "value", json: JSON.stringify(value) ?? "null" }
  } catch (error) {
    return { kind: "problem", message: (error as Error).message }
  }
}
