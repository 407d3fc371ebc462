import { isObject } from "#base"

import type { RetryRequest } from "./session/bootstrap-work.ts"

const stepName = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/

/** Reads the annotation that asks for another attempt; answers with what is wrong with it. */
export function parseRetry(text: string): RetryRequest | string {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return "the request to retry is not JSON"
  }
  if (!isObject(value)) return "the request to retry is not an object"
  const { from, markDone } = value
  for (const [field, step] of Object.entries({ from, markDone })) {
    if (step !== undefined && (typeof step !== "string" || !stepName.test(step))) {
      return `the request to retry has a ${field} that is not the name of a step`
    }
  }
  if (from !== undefined && markDone !== undefined) {
    return "the request to retry has both from and markDone"
  }
  return {
    text,
    ...(typeof from === "string" ? { from } : {}),
    ...(typeof markDone === "string" ? { markDone } : {}),
  }
}
