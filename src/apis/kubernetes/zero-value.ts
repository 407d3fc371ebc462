import type { JsonObject } from "#base"
import { findMessage, findMessageOfKind, type Message } from "./messages.ts"

const known = new Map<string, JsonObject>()

/**
 * What Go prints for an empty object of a kind: some members are there with nothing in them. A real
 * server compares new objects with it when it writes down who owns what.
 */
export function zeroObject(apiVersion: string, kind: string): JsonObject {
  const key = `${apiVersion}/${kind}`
  let zero = known.get(key)
  if (!zero) {
    zero = zeroValue(findMessageOfKind(apiVersion, kind))
    known.set(key, zero)
  }
  return zero
}

function zeroValue(message: Message | undefined): JsonObject {
  const result: Record<string, JsonObject[string]> = {}
  for (const { name, shape, scalar, message: type, presence } of message?.fields ?? []) {
    if (presence === "inline") Object.assign(result, zeroValue(findMessage(type)))
    else if (presence === "nullable") result[name] = null
    else if (presence !== "always") continue
    else if (shape !== "single" || scalar === "bytes") result[name] = null
    else if (scalar === undefined) result[name] = zeroValue(findMessage(type))
    else result[name] = scalar === "string" ? "" : scalar === "bool" ? false : 0
  }
  return result
}
