/** Address formats as Go's `net` package reads them, leading zeros in IPv4 allowed. */

/** Dotted IPv4, or an IPv6 address that ends in dotted IPv4. */
export function isIpv4(text: string): boolean {
  return text.includes(".") && isIp(text)
}

export function isIpv6(text: string): boolean {
  return text.includes(":") && isIp(text)
}

export function isCidr(text: string): boolean {
  const slash = text.indexOf("/")
  if (slash < 0) return false
  const address = text.slice(0, slash)
  const length = text.slice(slash + 1)
  if (!/^\d{1,3}$/.test(length)) return false
  const bits = Number(length)
  return address.includes(":") ? isIp(address) && bits <= 128 : isDotted(address) && bits <= 32
}

/** 6, 8 or 20 octets as `00:00:5e`, `00-00-5e` or `0000.5e00`. */
export function isMac(text: string): boolean {
  const octets = macOctets(text)
  return octets === 6 || octets === 8 || octets === 20
}

function macOctets(text: string): number {
  if (text.length > 59) return 0
  for (const separator of [":", "-"]) {
    const parts = text.split(separator)
    if (parts.length > 1)
      return parts.every((part) => /^[\da-f]{2}$/i.test(part)) ? parts.length : 0
  }
  const words = text.split(".")
  return words.every((word) => /^[\da-f]{4}$/i.test(word)) ? words.length * 2 : 0
}

function isIp(text: string): boolean {
  return text.includes(":") ? isColonSeparated(text) : isDotted(text)
}

function isDotted(text: string): boolean {
  if (text.length > 64) return false
  const parts = text.split(".")
  return parts.length === 4 && parts.every((part) => /^\d+$/.test(part) && Number(part) <= 255)
}

function isColonSeparated(text: string): boolean {
  if (text.length > 100) return false
  const halves = text.split("::")
  if (halves.length > 2) return false
  const groups = halves.map((half) => (half === "" ? [] : half.split(":")))
  const all = groups.flat()
  const last = all.at(-1)
  const dotted = last !== undefined && last.includes(".")
  if (dotted && (groups.at(-1)?.length === 0 || !isDotted(last))) return false
  const words = dotted ? all.slice(0, -1) : all
  if (!words.every((word) => /^[\da-f]{1,4}$/i.test(word))) return false
  const count = words.length + (dotted ? 2 : 0)
  return halves.length === 2 ? count < 8 : count === 8
}
