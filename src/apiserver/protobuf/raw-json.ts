import type { JsonValue } from "#base"
import { messageOf } from "#base"
import { WireError } from "./wire-reader.ts"

/** JSON that travels as bytes inside a message; `depthLimit` bounds its nesting. */
export function parseRawJson(bytes: Buffer, depthLimit: number): JsonValue {
  if (nesting(bytes) > depthLimit) throw new WireError("JSON nested too deeply")
  try {
    return JSON.parse(bytes.toString("utf8")) as JsonValue
  } catch (cause) {
    throw new WireError(`not JSON: ${messageOf(cause)}`, { cause })
  }
}

const quote = 0x22
const backslash = 0x5c
/** In ASCII, `[` and `{` differ in one bit, and so do `]` and `}`. */
const caseBit = 0x20
const open = 0x5b | caseBit
const close = 0x5d | caseBit

function nesting(bytes: Uint8Array): number {
  let depth = 0
  let deepest = 0
  let inString = false
  for (let index = 0; index < bytes.length; index += 1) {
    const byte = bytes[index] ?? 0
    if (inString) {
      if (byte === backslash) index += 1
      else if (byte === quote) inString = false
    } else if (byte === quote) {
      inString = true
    } else if ((byte | caseBit) === open) {
      depth += 1
      if (depth > deepest) deepest = depth
    } else if ((byte | caseBit) === close) {
      depth -= 1
    }
  }
  return deepest
}
