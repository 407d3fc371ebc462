import type { JsonObject } from "#base"
import { findMessageOfKind } from "#apis"
import { ProtobufError } from "./errors.ts"
import { type DecodeLimits, MessageDecoder } from "./message-decoder.ts"
import { writeMessage } from "./message-encoder.ts"
import { type Path, pathText } from "./path.ts"
import { envelopeMagic, isEnveloped } from "./special-forms.ts"
import { WireError, wireBytes, WireReader } from "./wire-reader.ts"
import { WireWriter } from "./wire-writer.ts"

/** The media type of enveloped objects. */
const protobufContentType = "application/vnd.kubernetes.protobuf"

const defaultLimits: DecodeLimits = { depth: 128, values: 1_000_000 }

interface Envelope {
  readonly apiVersion: string
  readonly kind: string
  readonly raw: Buffer
}

/**
 * Decodes an object of Kubernetes' own groups from its envelope (`k8s\0` and a runtime.Unknown) to
 * the JSON that a Go client would have sent for it: members that are always printed are there with
 * their zero value (null for lists and maps), and members that are omitted when empty are not.
 * Errors: `ProtobufError` naming the field, for anything that is not such an object.
 */
export function decodeProtobuf(body: Uint8Array, limits: DecodeLimits = defaultLimits): JsonObject {
  const decodeObject = (bytes: Buffer, path: Path | undefined): JsonObject => {
    const { apiVersion, kind, raw } = openEnvelope(bytes, path)
    const message = findMessageOfKind(apiVersion, kind)
    if (!message) {
      const reason = `no kind "${kind}" is registered for version "${apiVersion}"`
      throw new ProtobufError("decode", pathText(path), reason)
    }
    return { apiVersion, kind, ...decoder.read(new WireReader(raw), message, path) }
  }
  const decoder = new MessageDecoder(limits, decodeObject)
  return decodeObject(Buffer.from(body.buffer, body.byteOffset, body.byteLength), undefined)
}

/**
 * Encodes an object of Kubernetes' own groups, in its envelope.
 * Errors: `ProtobufError` for an unknown kind, or naming the field whose value has another type.
 */
export function encodeProtobuf(object: JsonObject): Uint8Array {
  const { apiVersion, kind } = object
  if (typeof apiVersion !== "string" || typeof kind !== "string") {
    throw new ProtobufError("encode", "", "an object without apiVersion and kind")
  }
  const message = findMessageOfKind(apiVersion, kind)
  if (!message) {
    throw new ProtobufError("encode", "", `no kind "${kind}" is known in version "${apiVersion}"`)
  }
  const writer = new WireWriter()
  writer.closeField(4, writer.length)
  writer.closeField(3, writer.length)
  const beforeRaw = writer.length
  writeMessage(writer, object, message)
  writer.closeField(2, beforeRaw)
  const beforeType = writer.length
  for (const [number, text] of [[2, kind] as const, [1, apiVersion] as const]) {
    const before = writer.length
    writer.string(text)
    writer.closeField(number, before)
  }
  writer.closeField(1, beforeType)
  writer.raw(envelopeMagic)
  return writer.finish()
}

function openEnvelope(bytes: Buffer, path: Path | undefined): Envelope {
  if (!isEnveloped(bytes)) {
    throw new ProtobufError("decode", pathText(path), "does not start with the k8s envelope")
  }
  try {
    return readEnvelope(new WireReader(bytes.subarray(envelopeMagic.length)))
  } catch (cause) {
    if (!(cause instanceof WireError)) throw cause
    throw new ProtobufError("decode", pathText(path), `envelope: ${cause.message}`, { cause })
  }
}

function readEnvelope(reader: WireReader): Envelope {
  const parts: Record<number, Buffer> = {}
  while (!reader.done) {
    const { number, wire } = reader.tag()
    if (number <= 4 && wire === wireBytes) parts[number] = reader.bytes()
    else reader.skip(wire)
  }
  const encoding = textOf(parts[3])
  if (encoding !== "") throw new WireError(`content encoding "${encoding}" is not supported`)
  const contentType = textOf(parts[4])
  if (contentType !== "" && contentType !== protobufContentType) {
    throw new WireError(`content type "${contentType}" is not supported`)
  }
  const type: Record<number, string> = {}
  const typeReader = new WireReader(parts[1] ?? Buffer.alloc(0))
  while (!typeReader.done) {
    const { number, wire } = typeReader.tag()
    if (number <= 2 && wire === wireBytes) type[number] = typeReader.string()
    else typeReader.skip(wire)
  }
  return { apiVersion: type[1] ?? "", kind: type[2] ?? "", raw: parts[2] ?? Buffer.alloc(0) }
}

function textOf(bytes: Buffer | undefined): string {
  return bytes?.toString("utf8") ?? ""
}
