import { isObject, type JsonValue } from "#base"
import { findMessage, type Message, type MessageField, type ScalarType } from "#apis"
import { ProtobufError } from "./errors.ts"
import { type Path, pathText, pathTo } from "./path.ts"
import { specialForms, unionForms } from "./special-forms.ts"
import { WireError, wireFixed64, wireVarint } from "./wire-reader.ts"
import type { WireWriter } from "./wire-writer.ts"

type Fields = Readonly<Record<string, unknown>>

/**
 * Writes a message as Go's encoder would: fields in ascending order, zero values of fields that
 * are no pointers included, map keys sorted. Members that the tables do not know are left out.
 */
export function writeMessage(
  writer: WireWriter,
  fields: Fields,
  message: Message,
  path?: Path,
): void {
  for (const field of message.fields.toReversed()) {
    const place = field.presence === "inline" ? path : pathTo(path, field.name)
    try {
      writeField(writer, fields, field, place)
    } catch (cause) {
      if (!(cause instanceof WireError)) throw cause
      throw new ProtobufError("encode", pathText(place), cause.message, { cause })
    }
  }
}

function writeField(
  writer: WireWriter,
  fields: Fields,
  field: MessageField,
  path: Path | undefined,
): void {
  if (field.presence === "inline") {
    const before = writer.length
    writeMessage(writer, fields, requireMessage(field.message), path)
    writer.closeField(field.number, before)
    return
  }
  const value = fields[field.name] as JsonValue | undefined
  if (field.shape === "list") {
    const items = value ?? []
    if (!Array.isArray(items)) throw new WireError("not a list")
    for (let index = items.length - 1; index >= 0; index -= 1) {
      writeValue(writer, items[index] as JsonValue, field, pathTo(path, index))
    }
  } else if (field.shape === "map") {
    const entries = value ?? {}
    if (!isObject(entries)) throw new WireError("not an object")
    for (const key of Object.keys(entries).sort(compareBytes).reverse()) {
      const before = writer.length
      const place = pathTo(path, `[${key}]`)
      writeValue(writer, entries[key] as JsonValue, { ...field, number: 2 }, place)
      writeString(writer, 1, key)
      writer.closeField(field.number, before)
    }
  } else if (isWritten(value, field)) {
    writeValue(writer, value ?? null, field, path)
  }
}

/** Go leaves out nil pointers and nil bytes, and nothing else. */
function isWritten(value: JsonValue | undefined, field: MessageField): boolean {
  if (value !== undefined && value !== null) return true
  return field.presence !== "pointer" && field.presence !== "nullable" && field.scalar !== "bytes"
}

function writeValue(
  writer: WireWriter,
  value: JsonValue,
  field: MessageField,
  path: Path | undefined,
): void {
  if (field.scalar) {
    writeScalar(writer, value, field.scalar, field.number)
    return
  }
  const before = writer.length
  const special = specialForms.get(field.message)
  if (special) {
    special.encode(writer, value)
  } else {
    const message = requireMessage(field.message)
    writeMessage(writer, fieldsOf(value, message), message, path)
  }
  writer.closeField(field.number, before)
}

function fieldsOf(value: JsonValue, message: Message): Fields {
  const form = unionForms.get(message.name)
  if (message.fields[0]?.presence === "items") return { items: value }
  const fields = form && value !== null ? form.fromJson(value) : (value ?? {})
  if (!isObject(fields)) throw new WireError("not an object")
  return fields
}

function writeScalar(
  writer: WireWriter,
  value: JsonValue,
  scalar: ScalarType,
  number: number,
): void {
  switch (scalar) {
    case "string":
      writeString(writer, number, typed(value ?? "", "string"))
      return
    case "bytes": {
      const before = writer.length
      writer.raw(Buffer.from(typed(value ?? "", "string"), "base64"))
      writer.closeField(number, before)
      return
    }
    case "bool":
      writer.varint(typed(value ?? false, "boolean") ? 1 : 0)
      writer.tag(number, wireVarint)
      return
    case "double":
      writer.double(typed(value ?? 0, "number"))
      writer.tag(number, wireFixed64)
      return
    case "int32":
    case "int64": {
      const integer = typed(value ?? 0, "number")
      if (!Number.isInteger(integer)) throw new WireError("not an integer")
      writer.varint(integer)
      writer.tag(number, wireVarint)
    }
  }
}

interface Primitives {
  readonly string: string
  readonly boolean: boolean
  readonly number: number
}

function typed<Name extends keyof Primitives>(value: JsonValue, name: Name): Primitives[Name] {
  if (typeof value !== name) throw new WireError(`not a ${name}`)
  return value as Primitives[Name]
}

function writeString(writer: WireWriter, number: number, text: string): void {
  const before = writer.length
  writer.string(text)
  writer.closeField(number, before)
}

function compareBytes(left: string, right: string): number {
  return Buffer.compare(Buffer.from(left), Buffer.from(right))
}

function requireMessage(name: string): Message {
  const message = findMessage(name)
  if (!message) throw new WireError(`no message ${name}`)
  return message
}
