/** One encoded ASN.1 value: tag, length, content. Only what an X.509 certificate needs. */
export type Der = Buffer

function encode(tag: number, content: Buffer): Der {
  const { length } = content
  if (length < 0x80) return Buffer.concat([Buffer.from([tag, length]), content])
  const lengthBytes: number[] = []
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) lengthBytes.unshift(rest % 256)
  return Buffer.concat([Buffer.from([tag, 0x80 | lengthBytes.length, ...lengthBytes]), content])
}

export function sequence(...members: readonly Der[]): Der {
  return encode(0x30, Buffer.concat(members))
}

/** A set's members must come in the order of their encodings; every set here has one member. */
export function setOf(member: Der): Der {
  return encode(0x31, member)
}

/** A non-negative integer from its big-endian bytes. */
export function integer(bytes: Uint8Array): Der {
  let start = 0
  while (start < bytes.length - 1 && bytes[start] === 0) start += 1
  const trimmed = Buffer.from(bytes.subarray(start))
  const isNegative = ((trimmed[0] ?? 0) & 0x80) !== 0
  return encode(0x02, isNegative ? Buffer.concat([Buffer.from([0]), trimmed]) : trimmed)
}

export function boolean(value: boolean): Der {
  return encode(0x01, Buffer.from([value ? 0xff : 0]))
}

export function nothing(): Der {
  return encode(0x05, Buffer.alloc(0))
}

export function octets(content: Uint8Array): Der {
  return encode(0x04, Buffer.from(content))
}

/** `unusedBits` counts the bits at the end that carry no meaning. */
export function bits(content: Uint8Array, unusedBits = 0): Der {
  return encode(0x03, Buffer.concat([Buffer.from([unusedBits]), content]))
}

export function text(value: string): Der {
  return encode(0x0c, Buffer.from(value, "utf8"))
}

/** From dotted notation. */
export function objectId(dotted: string): Der {
  const [first = 0, second = 0, ...rest] = dotted.split(".").map(Number)
  const bytes = [first * 40 + second]
  for (const arc of rest) {
    const group = [arc & 0x7f]
    for (let left = arc >>> 7; left > 0; left >>>= 7) group.unshift((left & 0x7f) | 0x80)
    bytes.push(...group)
  }
  return encode(0x06, Buffer.from(bytes))
}

/** UTCTime until 2049, GeneralizedTime after, as RFC 5280 asks; whole seconds. */
export function time(epochMs: number): Der {
  const digits = new Date(epochMs).toISOString().replaceAll(/[-:T]|\..*/g, "")
  return Number(digits.slice(0, 4)) < 2050
    ? encode(0x17, Buffer.from(`${digits.slice(2)}Z`, "ascii"))
    : encode(0x18, Buffer.from(`${digits}Z`, "ascii"))
}

/** A context-specific value that wraps another one. */
export function explicit(number: number, content: Der): Der {
  return encode(0xa0 | number, content)
}

/** A context-specific value that replaces a primitive's own tag. */
export function implicit(number: number, content: Uint8Array): Der {
  return encode(0x80 | number, Buffer.from(content))
}

/** A value as it was found in its source; `end` is the offset after it. */
export interface DecodedValue {
  readonly tag: number
  readonly content: Buffer
  readonly whole: Buffer
  readonly end: number
}

/** The values that lie one after the other in a sequence's content. */
export function readMembers(content: Buffer): readonly DecodedValue[] {
  const found: DecodedValue[] = []
  for (let offset = 0; offset < content.length;) {
    const value = readValue(content, offset)
    found.push(value)
    offset = value.end
  }
  return found
}

export function readValue(source: Buffer, offset: number): DecodedValue {
  const first = source[offset + 1] ?? 0
  const lengthBytes = first < 0x80 ? 0 : first & 0x7f
  const length = lengthBytes === 0 ? first : source.readUIntBE(offset + 2, lengthBytes)
  const start = offset + 2 + lengthBytes
  const end = start + length
  return {
    tag: source[offset] ?? 0,
    content: source.subarray(start, end),
    whole: source.subarray(offset, end),
    end,
  }
}
