/**
 * The code with the content of comments, strings, templates and regular expressions blanked, line
 * breaks kept: what is left can be searched for names without meeting them in prose.
 */
export function maskCode(code: string): string {
  return new Masker(code).run()
}

/** After one of these, a slash begins a regular expression; after anything else it divides. */
const beforePattern = /(?:^|[(,=:[!&|?{};+\-*%<>~^\n]|\b(?:return|typeof|case|of|in|await))\s*$/

class Masker {
  readonly #code: string
  #at = 0
  #out = ""

  constructor(code: string) {
    this.#code = code
  }

  run(): string {
    this.#codeUntil(undefined)
    return this.#out
  }

  /** Copies code up to the brace that closes a template's hole, or to the end of it all. */
  #codeUntil(end: "}" | undefined): void {
    let depth = 0
    while (this.#at < this.#code.length) {
      const character = this.#code.charAt(this.#at)
      if (end && character === "}" && depth === 0) return
      if (character === "{") depth += 1
      if (character === "}") depth -= 1
      this.#next(character)
    }
  }

  #next(character: string): void {
    const pair = this.#code.slice(this.#at, this.#at + 2)
    if (pair === "//") return this.#blankUntil(this.#indexOf("\n", 0))
    if (pair === "/*") return this.#blankUntil(this.#indexOf("*/", 2) + 2)
    if (character === '"' || character === "'") return this.#quoted(character)
    if (character === "`") return this.#template()
    if (character === "/" && beforePattern.test(this.#out.slice(-40))) return this.#pattern()
    this.#keep(1)
  }

  #quoted(quote: string): void {
    this.#keep(1)
    while (this.#at < this.#code.length && this.#code.charAt(this.#at) !== quote) {
      this.#blank(this.#code.charAt(this.#at) === "\\" ? 2 : 1)
    }
    this.#keep(1)
  }

  #template(): void {
    this.#keep(1)
    while (this.#at < this.#code.length && this.#code.charAt(this.#at) !== "`") {
      if (this.#code.startsWith("${", this.#at)) {
        this.#keep(2)
        this.#codeUntil("}")
        this.#keep(1)
      } else {
        this.#blank(this.#code.charAt(this.#at) === "\\" ? 2 : 1)
      }
    }
    this.#keep(1)
  }

  #pattern(): void {
    this.#keep(1)
    let isInClass = false
    while (this.#at < this.#code.length) {
      const character = this.#code.charAt(this.#at)
      if (character === "\n" || (character === "/" && !isInClass)) break
      if (character === "[") isInClass = true
      if (character === "]") isInClass = false
      this.#blank(character === "\\" ? 2 : 1)
    }
    this.#keep(1)
  }

  #indexOf(text: string, skipped: number): number {
    const index = this.#code.indexOf(text, this.#at + skipped)
    return index === -1 ? this.#code.length : index
  }

  #blankUntil(end: number): void {
    this.#blank(Math.min(end, this.#code.length) - this.#at)
  }

  #blank(count: number): void {
    this.#out += this.#code.slice(this.#at, this.#at + count).replace(/[^\n]/g, " ")
    this.#at += count
  }

  #keep(count: number): void {
    this.#out += this.#code.slice(this.#at, this.#at + count)
    this.#at += count
  }
}
