import generated from "./messages.gen.json" with { type: "json" }

/** A scalar of the protobuf encoding, as Kubernetes uses them. */
export type ScalarType = "string" | "bool" | "int32" | "int64" | "double" | "bytes"

/**
 * What JSON shows for a member with a zero value: `always` the zero value (null for lists, maps and
 * bytes), `omitempty` nothing, `pointer` nothing unless it was sent, `nullable` null unless it was
 * sent. The members of an `inline` field stand in the parent; `items` is the one field of a message
 * whose JSON form is the list itself.
 */
export type Presence = "always" | "omitempty" | "pointer" | "nullable" | "inline" | "items"

export interface MessageField {
  /** The JSON name; empty for inline fields. */
  readonly name: string
  readonly number: number
  readonly shape: "single" | "list" | "map"
  /** The element type for lists, the value type for maps (keys are strings). */
  readonly scalar: ScalarType | undefined
  /** Names the message when `scalar` is undefined. */
  readonly message: string
  readonly presence: Presence
}

/** One protobuf message. */
export interface Message {
  readonly name: string
  /** In ascending order of field number. */
  readonly fields: readonly MessageField[]
  readonly byNumber: ReadonlyMap<number, MessageField>
}

type Row = readonly [name: string, number: number, type: string, presence: Presence]

const kinds = generated.kinds as Readonly<Record<string, string>>
const rows = generated.messages as unknown as Readonly<Record<string, readonly Row[]>>
const expanded = new Map<string, Message>()
const scalars: ReadonlySet<string> = new Set<ScalarType>([
  "string",
  "bool",
  "int32",
  "int64",
  "double",
  "bytes",
])

/** The message of that OpenAPI name; undefined when Kubernetes has none that we carry. */
export function findMessage(name: string): Message | undefined {
  const known = expanded.get(name)
  if (known || !Object.hasOwn(rows, name)) return known
  const fields = (rows[name] ?? []).map((row) => expandField(row))
  const message = { name, fields, byNumber: new Map(fields.map((field) => [field.number, field])) }
  expanded.set(name, message)
  return message
}

/**
 * The message of a kind. The kinds of the meta group (DeleteOptions, Status, …) are found under
 * every group version, as clients send them.
 */
export function findMessageOfKind(apiVersion: string, kind: string): Message | undefined {
  const key = [`${apiVersion}/${kind}`, `meta.k8s.io/v1/${kind}`].find((candidate) =>
    Object.hasOwn(kinds, candidate),
  )
  return key === undefined ? undefined : findMessage(kinds[key] ?? "")
}

function expandField([name, number, text, presence]: Row): MessageField {
  const shape = text.startsWith("[]") ? "list" : text.startsWith("{}") ? "map" : "single"
  const type = shape === "single" ? text : text.slice(2)
  const scalar = scalars.has(type) ? (type as ScalarType) : undefined
  return { name, number, shape, scalar, message: scalar ? "" : type, presence }
}
