import type { JsonObject, JsonValue } from "#base"
import { setOwn } from "#base"
import { findMessage, type Message, type MessageField, type ScalarType } from "#apis"
import { ProtobufError } from "./errors.ts"
import { type Path, pathText, pathTo } from "./path.ts"
import { type NestedDecoder, specialForms, unionForms } from "./special-forms.ts"
import { WireError, wireBytes, wireFixed64, WireReader, wireVarint } from "./wire-reader.ts"

/** What one body may ask for. */
export interface DecodeLimits {
  /** How deep fields, and JSON inside them, may nest. */
  readonly depth: number
  /** How many messages, list items and map entries there may be in all. */
  readonly values: number
}

type Fields = Record<string, unknown>
type ObjectDecoder = (bytes: Buffer, path: Path | undefined) => JsonValue

/**
 * Turns messages into the JSON that Go's encoder would print for the same struct. Fields that the
 * tables do not know are passed over, as by upstream; of a field sent twice the last one counts.
 */
export class MessageDecoder {
  readonly #limits: DecodeLimits
  readonly #decodeObject: ObjectDecoder
  #values = 0

  /** `decodeObject` decodes an enveloped object that stands inside another. */
  constructor(limits: DecodeLimits, decodeObject: ObjectDecoder) {
    this.#limits = limits
    this.#decodeObject = decodeObject
  }

  /**
   * Reads a message into `target`, whose absent members get the values that JSON shows for them.
   */
  read(reader: WireReader, message: Message, path?: Path, target: Fields = {}): JsonObject {
    let place = path
    try {
      this.#count(path)
      while (!reader.done) {
        place = path
        const { number, wire } = reader.tag()
        const field = message.byNumber.get(number)
        if (!field) {
          reader.skip(wire)
        } else if (field.presence === "inline") {
          expectWire(wire, wireBytes)
          this.read(reader.window(), requireMessage(field.message), path, target)
        } else {
          place = pathTo(path, field.name)
          this.#readField(reader, { field, wire, path: place }, target)
        }
      }
      place = path
      this.#fill(message, path, target)
      return target as JsonObject
    } catch (cause) {
      if (!(cause instanceof WireError)) throw cause
      throw new ProtobufError("decode", pathText(place), cause.message, { cause })
    }
  }

  #readField(
    reader: WireReader,
    {
      field,
      wire,
      path,
    }: { readonly field: MessageField; readonly wire: number; readonly path: Path },
    target: Fields,
  ): void {
    const { name, scalar } = field
    if (field.shape === "single") {
      const value = this.#value(reader, field, wire, path)
      if (field.presence === "omitempty" && isZero(value)) delete target[name]
      else target[name] = value
    } else if (field.shape === "map") {
      expectWire(wire, wireBytes)
      this.#readEntry(reader.window(), field, path, (target[name] ??= {}) as Fields)
    } else {
      const list = (target[name] ??= []) as JsonValue[]
      if (wire === wireBytes && scalar && scalarWires[scalar] !== wireBytes) {
        const packed = reader.window()
        while (!packed.done) list.push(this.#item(packed, field, scalarWires[scalar], path))
      } else {
        list.push(this.#item(reader, field, wire, pathTo(path, list.length)))
      }
    }
  }

  #item(reader: WireReader, field: MessageField, wire: number, path: Path): JsonValue {
    if (field.scalar) this.#count(path)
    return this.#value(reader, field, wire, path)
  }

  #readEntry(reader: WireReader, field: MessageField, path: Path, target: Fields): void {
    this.#count(path)
    let key = ""
    let value: JsonValue | undefined
    while (!reader.done) {
      const { number, wire } = reader.tag()
      if (number === 1) {
        expectWire(wire, wireBytes)
        key = reader.string()
      } else if (number === 2) {
        value = this.#value(reader, field, wire, pathTo(path, `[${key}]`))
      } else {
        reader.skip(wire)
      }
    }
    value ??= mapZero(field) ?? this.#zero({ ...field, shape: "single" }, path)
    setOwn(target, key, value)
  }

  #value(reader: WireReader, field: MessageField, wire: number, path: Path): JsonValue {
    const { scalar } = field
    expectWire(wire, scalar ? scalarWires[scalar] : wireBytes)
    return scalar ? readScalar(reader, scalar) : this.#message(reader.window(), field.message, path)
  }

  #message(reader: WireReader, name: string, path: Path): JsonValue {
    const special = specialForms.get(name)
    if (special) {
      this.#count(path)
      return special.decode(reader, this.#nested(path))
    }
    const message = requireMessage(name)
    const fields = this.read(reader, message, path)
    if (message.fields[0]?.presence === "items") return fields["items"] ?? null
    return unionForms.get(name)?.toJson(fields) ?? fields
  }

  #nested(path: Path): NestedDecoder {
    return {
      depthLimit: this.#limits.depth - path.depth,
      object: (bytes) => this.#decodeObject(bytes, path),
    }
  }

  #fill(message: Message, path: Path | undefined, target: Fields): void {
    for (const field of message.fields) {
      const { name, presence } = field
      if (presence === "inline") {
        this.#fill(requireMessage(field.message), path, target)
      } else if (target[name] === undefined) {
        if (presence === "nullable") target[name] = null
        else if (presence === "always") target[name] = this.#zero(field, pathTo(path, name))
      }
    }
  }

  #zero(field: MessageField, path: Path): JsonValue {
    if (field.shape !== "single") return null
    if (!field.scalar) return this.#message(WireReader.empty, field.message, path)
    return scalarZeros[field.scalar]
  }

  #count(path: Path | undefined): void {
    this.#values += 1
    if (this.#values > this.#limits.values) throw new WireError("too many values")
    if (path && path.depth > this.#limits.depth) throw new WireError("nested too deeply")
  }
}

const scalarWires: Readonly<Record<ScalarType, number>> = {
  string: wireBytes,
  bytes: wireBytes,
  bool: wireVarint,
  int32: wireVarint,
  int64: wireVarint,
  double: wireFixed64,
}

const scalarZeros: Readonly<Record<ScalarType, JsonValue>> = {
  string: "",
  bytes: null,
  bool: false,
  int32: 0,
  int64: 0,
  double: 0,
}

function readScalar(reader: WireReader, scalar: ScalarType): JsonValue {
  switch (scalar) {
    case "string":
      return reader.string()
    case "bytes":
      return reader.bytes().toString("base64")
    case "bool":
      return Number(reader.int64()) !== 0
    case "int32":
      return Number(BigInt.asIntN(32, BigInt(reader.int64())))
    case "double":
      return finite(reader.double())
    case "int64":
    default:
      return Number(reader.int64())
  }
}

function finite(value: number): number {
  if (!Number.isFinite(value)) throw new WireError("a number that JSON cannot show")
  return value
}

/** In a map, Go's decoder makes empty bytes and lists where it makes nil ones elsewhere. */
function mapZero(field: MessageField): JsonValue | undefined {
  if (field.scalar) return field.scalar === "bytes" ? "" : undefined
  return findMessage(field.message)?.fields[0]?.presence === "items" ? [] : undefined
}

function isZero(value: JsonValue): boolean {
  return value === "" || value === 0 || value === false || value === null
}

function expectWire(wire: number, wanted: number): void {
  if (wire !== wanted) throw new WireError(`wire type ${wire}, not ${wanted}`)
}

function requireMessage(name: string): Message {
  const message = findMessage(name)
  if (!message) throw new WireError(`no message ${name}`)
  return message
}
