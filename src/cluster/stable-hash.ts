/** FNV-1a of the text's UTF-8 bytes, 32 bits. */
export function fnv1a(text: string): number {
  let hash = 0x811c9dc5
  for (const byte of new TextEncoder().encode(text)) {
    hash ^= byte
    hash = Math.imul(hash, 0x01000193)
  }
  return hash >>> 0
}

const labelValue = /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/

/**
 * The value of the set-name label for a MachineSet: its name, or a hash when that is no label
 * value.
 */
export function setNameValue(name: string): string {
  if (name.length <= 63 && labelValue.test(name)) return name
  const hash = fnv1a(name)
  const bytes = [hash >>> 24, hash >>> 16, hash >>> 8, hash].map((part) => part & 0xff)
  const text = btoa(String.fromCharCode(...bytes))
  return `hash_${text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "")}_z`
}

const nameAlphabet = "bcdfghjklmnpqrstvwxz2456789"

/** A name part that follows from the text alone, in the alphabet of generated names. */
export function hashName(text: string, length: number): string {
  let part = ""
  for (let round = 0; part.length < length; round += 1) {
    let rest = fnv1a(`${round}:${text}`)
    for (let index = 0; index < 5 && part.length < length; index += 1) {
      part += nameAlphabet[rest % nameAlphabet.length]
      rest = Math.floor(rest / nameAlphabet.length)
    }
  }
  return part
}
