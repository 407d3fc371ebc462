import { messageOf } from "#base"
import { RE2JS } from "re2js"
import { SchemaError } from "./schema.ts"

/** A compiled pattern; matching takes time linear in the text, whatever the pattern. */
export interface Pattern {
  /** True when the pattern occurs anywhere in the text. */
  test(text: string): boolean
}

const cacheLimit = 2000
const cache = new Map<string, Pattern>()

/** Compiles an RE2 pattern (Go's syntax); throws `SchemaError` with RE2's own complaint. */
export function compilePattern(source: string): Pattern {
  const known = cache.get(source)
  if (known) return known
  const compiled = compile(source)
  if (cache.size >= cacheLimit) cache.clear()
  cache.set(source, compiled)
  return compiled
}

const answersLimit = 64

function compile(source: string): Pattern {
  try {
    const expression = RE2JS.compile(source)
    // The same few texts (condition types, reasons, names) come again and again.
    const answers = new Map<string, boolean>()
    return {
      test(text) {
        if (text.length > answersLimit) return expression.test(text)
        let answer = answers.get(text)
        if (answer === undefined) {
          answer = expression.test(text)
          if (answers.size >= answersLimit) answers.clear()
          answers.set(text, answer)
        }
        return answer
      },
    }
  } catch (cause) {
    throw new SchemaError(messageOf(cause), { cause })
  }
}
