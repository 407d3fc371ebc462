const controlCharacter = /[\0-\x1f\x7f]/

/** An absolute URI or an absolute path, as an HTTP request line may carry it. */
export function isUri(text: string): boolean {
  if (text === "" || controlCharacter.test(text)) return false
  if (text === "*") return true
  const scheme = /^[a-z][a-z\d+.-]*:/i.exec(text)?.[0] ?? ""
  if (scheme === "" && !text.startsWith("/")) return false
  const [hierarchy = ""] = text.slice(scheme.length).split("?", 1)
  if (!hierarchy.startsWith("/")) return scheme !== ""
  if (!hierarchy.startsWith("//") || (scheme === "" && hierarchy.startsWith("///"))) {
    return areEscapesValid(hierarchy)
  }
  const slash = hierarchy.indexOf("/", 2)
  const authority = slash < 0 ? hierarchy.slice(2) : hierarchy.slice(2, slash)
  return isAuthority(authority) && areEscapesValid(slash < 0 ? "" : hierarchy.slice(slash))
}

function isAuthority(authority: string): boolean {
  const at = authority.lastIndexOf("@")
  if (at >= 0 && !/^[\w\-.:~!$&'()*+,;=%@]*$/.test(authority.slice(0, at))) return false
  const host = authority.slice(at + 1)
  const bracketed = /^\[[^\]]*\](.*)$/s.exec(host)
  if (host.startsWith("[") && !bracketed) return false
  const rest = bracketed ? (bracketed[1] ?? "") : host
  const colon = rest.lastIndexOf(":")
  if (colon >= 0 && !/^:\d*$/.test(rest.slice(colon))) return false
  if (bracketed && colon !== 0 && rest !== "") return false
  return bracketed !== null || !/[ <>"{}|\\^`#]/.test(rest)
}

function areEscapesValid(text: string): boolean {
  return !/%(?![\da-f]{2})/i.test(text)
}

/**
 * A host name: labels of letters, digits, symbols and inner dashes; the last of several is letters.
 */
export function isHostname(text: string): boolean {
  if (utf8Length(text) > 255) return false
  const labels = text.split(".")
  if (!labels.every(isHostLabel)) return false
  return labels.length === 1 || /^[a-z\p{L}]{2,63}$/iu.test(labels.at(-1) ?? "")
}

function isHostLabel(label: string): boolean {
  return (
    /^[\da-z\p{S}\p{L}-]+$/iu.test(label) &&
    !label.startsWith("-") &&
    !label.endsWith("-") &&
    utf8Length(label) <= 63
  )
}

function utf8Length(text: string): number {
  return new TextEncoder().encode(text).length
}

const atom = /^[\w!#$%&'*+\-/=?^`{|}~\u0080-\u{10ffff}]+$/u

/** An address such as `a@b.c`, also in the form `Name <a@b.c>`. */
export function isEmail(text: string): boolean {
  const trimmed = text.trim()
  if (!trimmed.endsWith(">")) return isAddress(trimmed)
  const open = trimmed.lastIndexOf("<")
  return (
    open >= 0 &&
    isDisplayName(trimmed.slice(0, open).trim()) &&
    isAddress(trimmed.slice(open + 1, -1))
  )
}

function isDisplayName(name: string): boolean {
  return name === "" || isQuoted(name) || name.split(/\s+/).every(isDotAtom)
}

function isAddress(address: string): boolean {
  const at = address.lastIndexOf("@")
  if (at <= 0) return false
  const local = address.slice(0, at)
  const domain = address.slice(at + 1)
  return (isQuoted(local) || isDotAtom(local)) && (isDotAtom(domain) || isDomainLiteral(domain))
}

function isDotAtom(text: string): boolean {
  return text.split(".").every((part) => atom.test(part))
}

function isDomainLiteral(domain: string): boolean {
  return /^\[[\d.:a-f]+\]$/i.test(domain)
}

function isQuoted(text: string): boolean {
  return /^"(?:[^"\\\0-\x1f\x7f]|\\[ -~])*"$/.test(text)
}

/** Standard base64 with padding; an empty text is none. */
export function isBase64(text: string): boolean {
  return text.length > 0 && text.length % 4 === 0 && /^[A-Za-z\d+/]*={0,2}$/.test(text)
}

const quantity = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+|[KMGTPE]i|[numkMGTPE])?$/

/** An amount of a resource, such as `500m`, `1.5Gi` or `1e3`. */
export function isQuantity(text: string): boolean {
  return quantity.test(text)
}

/** Lower-case letters, digits and inner dashes, up to 63 characters. */
export function isShortName(text: string): boolean {
  return text.length <= 63 && isNameLabel(text)
}

/** Dot-separated short names (each of any length), up to 253 characters. */
export function isLongName(text: string): boolean {
  return text.length <= 253 && text.split(".").every(isNameLabel)
}

function isNameLabel(label: string): boolean {
  return /^[a-z\d-]+$/.test(label) && !label.startsWith("-") && !label.endsWith("-")
}
