import { StoreError } from "./errors.ts"

/**
 * Orders keys by their UTF-8 bytes, which is the order of code points. JavaScript compares UTF-16
 * units, and there a character beyond U+FFFF sorts before U+E000.
 */
export function compareKeys(left: string, right: string): number {
  if (left === right) return 0
  const length = Math.min(left.length, right.length)
  let index = 0
  while (index < length && left.charCodeAt(index) === right.charCodeAt(index)) index += 1
  if (index === length) return left.length - right.length
  return rankOf(left.charCodeAt(index)) - rankOf(right.charCodeAt(index))
}

/** Where a UTF-16 unit stands in code point order: surrogates after everything else. */
function rankOf(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit
}

/** The first key after all keys with the prefix; undefined when nothing can come after them. */
export function endOfPrefix(prefix: string): string | undefined {
  const points = Array.from(prefix, (character) => character.codePointAt(0) ?? 0)
  for (let last = points.pop(); last !== undefined; last = points.pop()) {
    if (last === 0x10ffff) continue
    const next = last === 0xd7ff ? 0xe000 : last + 1
    return String.fromCodePoint(...points, next)
  }
  return undefined
}

/** Where a list starts: `from`, but never before the prefix. */
export function startOfRange(prefix: string, from: string | undefined): string {
  return from !== undefined && compareKeys(from, prefix) > 0 ? from : prefix
}

/** Refuses keys that no driver could give back as they were. */
export function checkKey(key: string): void {
  if (key === "") throw new StoreError("use a key: it is empty")
  if (!key.isWellFormed()) throw new StoreError("use a key: it has half of a surrogate pair")
}
