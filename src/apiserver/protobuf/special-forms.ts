import type { JsonValue } from "#base"
import { isObject } from "#base"
import { parseRawJson } from "./raw-json.ts"
import { durationToJson, timeToJson, writeDuration, writeTime } from "./time.ts"
import { WireError, wireBytes, type WireReader } from "./wire-reader.ts"
import type { WireWriter } from "./wire-writer.ts"

/** A message whose JSON form is not an object of its fields, read and written as a whole. */
export interface SpecialForm {
  readonly decode: (reader: WireReader, nested: NestedDecoder) => JsonValue
  readonly encode: (writer: WireWriter, value: JsonValue) => void
}

/** What a form needs of its decoder: objects in objects, and how deep JSON may nest. */
export interface NestedDecoder {
  readonly depthLimit: number
  /** Decodes an enveloped object inside a RawExtension. */
  object(bytes: Buffer): JsonValue
}

const meta = "io.k8s.apimachinery.pkg.apis.meta.v1."
const extensions = "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1."

const rawJson: SpecialForm = {
  decode(reader, nested) {
    const raw = bytesField(reader, 1)
    return raw?.length ? parseRawJson(raw, nested.depthLimit) : null
  },
  encode(writer, value) {
    if (value !== null) writeText(writer, 1, JSON.stringify(value))
  },
}

/** The forms by message name. */
export const specialForms: ReadonlyMap<string, SpecialForm> = new Map<string, SpecialForm>([
  [`${meta}Time`, timeForm(false)],
  [`${meta}MicroTime`, timeForm(true)],
  [
    `${meta}Duration`,
    {
      decode: durationToJson,
      encode: (writer, value) => writeDuration(writer, textOf(value)),
    },
  ],
  [`${meta}FieldsV1`, rawJson],
  [`${extensions}JSON`, rawJson],
  ["io.k8s.apimachinery.pkg.runtime.RawExtension", { ...rawJson, decode: decodeRawExtension }],
  [
    "io.k8s.apimachinery.pkg.api.resource.Quantity",
    {
      decode: (reader) => bytesField(reader, 1)?.toString("utf8") ?? "0",
      encode: (writer, value) =>
        writeText(writer, 1, typeof value === "number" ? String(value) : textOf(value)),
    },
  ],
  [
    "io.k8s.apimachinery.pkg.util.intstr.IntOrString",
    { decode: decodeIntOrString, encode: encodeIntOrString },
  ],
])

function timeForm(micro: boolean): SpecialForm {
  return {
    decode: (reader) => timeToJson(reader, micro),
    encode(writer, value) {
      if (value !== null) writeTime(writer, textOf(value), micro)
    },
  }
}

/** `k8s\0`, with which every enveloped object starts. */
export const envelopeMagic = Uint8Array.of(0x6b, 0x38, 0x73, 0x00)

/** True when the bytes open with the envelope's `k8s\0`. */
export function isEnveloped(bytes: Uint8Array): boolean {
  return envelopeMagic.every((byte, index) => bytes[index] === byte)
}

function decodeRawExtension(reader: WireReader, nested: NestedDecoder): JsonValue {
  const raw = bytesField(reader, 1)
  if (!raw?.length) return null
  return isEnveloped(raw) ? nested.object(raw) : parseRawJson(raw, nested.depthLimit)
}

function decodeIntOrString(reader: WireReader): JsonValue {
  let kind: number | bigint = 0
  let number = 0
  let text = ""
  while (!reader.done) {
    const { number: field, wire } = reader.tag()
    if (field === 1 && wire === 0) kind = reader.int64()
    else if (field === 2 && wire === 0) number = Number(BigInt.asIntN(32, BigInt(reader.int64())))
    else if (field === 3 && wire === wireBytes) text = reader.string()
    else reader.skip(wire)
  }
  if (kind === 0) return number
  if (kind === 1) return text
  throw new WireError(`neither integer nor string: type ${kind}`)
}

function encodeIntOrString(writer: WireWriter, value: JsonValue): void {
  const isNumber = typeof value === "number"
  if (isNumber && !Number.isInteger(value)) throw new WireError("not an integer")
  writeText(writer, 3, isNumber ? "" : textOf(value))
  writer.varint(isNumber ? value : 0)
  writer.tag(2, 0)
  writer.varint(isNumber ? 0 : 1)
  writer.tag(1, 0)
}

function writeText(writer: WireWriter, number: number, text: string): void {
  const before = writer.length
  writer.string(text)
  writer.closeField(number, before)
}

function textOf(value: JsonValue): string {
  if (typeof value !== "string") throw new WireError("not a string")
  return value
}

/** The last value of a length-delimited field. */
function bytesField(reader: WireReader, wanted: number): Buffer | undefined {
  let value: Buffer | undefined
  while (!reader.done) {
    const { number, wire } = reader.tag()
    if (number === wanted && wire === wireBytes) value = reader.bytes()
    else reader.skip(wire)
  }
  return value
}

/** Messages whose fields are read as usual and then shown as one of them. */
export interface UnionForm {
  readonly toJson: (fields: Readonly<Record<string, unknown>>) => JsonValue
  readonly fromJson: (value: JsonValue) => JsonValue
}

const objectOrList = (list: string): UnionForm => ({
  toJson: (fields) => (fields[list] ?? fields["schema"] ?? null) as JsonValue,
  fromJson: (value) => (Array.isArray(value) ? { [list]: value } : { schema: value }),
})

/** The unions of CRD schemas by message name. */
export const unionForms: ReadonlyMap<string, UnionForm> = new Map<string, UnionForm>([
  [`${extensions}JSONSchemaPropsOrArray`, objectOrList("jSONSchemas")],
  [`${extensions}JSONSchemaPropsOrStringArray`, objectOrList("property")],
  [
    `${extensions}JSONSchemaPropsOrBool`,
    {
      toJson: (fields) => (fields["schema"] ?? fields["allows"] ?? false) as JsonValue,
      fromJson: (value) =>
        isObject(value) ? { allows: true, schema: value as JsonValue } : { allows: value },
    },
  ],
])
