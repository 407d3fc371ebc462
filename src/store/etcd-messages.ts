import { isObject } from "#base"

import type { Change, Entry, Revision } from "./store.ts"

/** Bytes travel as base64 and 64-bit numbers as strings; zero, false and empty are left out. */
type Fields = Record<string, unknown>

export function base64Of(data: string | Uint8Array): string {
  const bytes =
    typeof data === "string"
      ? Buffer.from(data, "utf8")
      : Buffer.from(data.buffer, data.byteOffset, data.length)
  return bytes.toString("base64")
}

export function numberOf(field: unknown): number {
  return Number(field ?? 0)
}

export function fieldsOf(field: unknown): Fields {
  return isObject(field) ? field : {}
}

export function listOf(field: unknown): readonly Fields[] {
  return Array.isArray(field) ? field.map(fieldsOf) : []
}

export function revisionOf(answer: Fields): Revision {
  return numberOf(fieldsOf(answer["header"])["revision"])
}

/** A `KeyValue` under the store's own prefix, which is `prefixLength` characters long. */
export function entryOf(keyValue: Fields, prefixLength: number): Entry {
  return {
    key: keyOf(keyValue, prefixLength),
    value: bytesOf(keyValue["value"]),
    createRevision: numberOf(keyValue["create_revision"]),
    revision: numberOf(keyValue["mod_revision"]),
  }
}

/** An `Event` of a watch that asked for `prev_kv`. */
export function changeOf(event: Fields, prefixLength: number): Change {
  const keyValue = fieldsOf(event["kv"])
  const isDelete = event["type"] === "DELETE"
  const before = event["prev_kv"]
  return {
    type: isDelete ? "delete" : "put",
    key: keyOf(keyValue, prefixLength),
    revision: numberOf(keyValue["mod_revision"]),
    value: isDelete ? undefined : bytesOf(keyValue["value"]),
    previous: isObject(before) ? entryOf(before, prefixLength) : undefined,
  }
}

function keyOf(keyValue: Fields, prefixLength: number): string {
  return Buffer.from(bytesOf(keyValue["key"])).toString("utf8").slice(prefixLength)
}

function bytesOf(field: unknown): Uint8Array {
  return typeof field === "string" ? Buffer.from(field, "base64") : new Uint8Array(0)
}
