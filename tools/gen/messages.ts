/** What the Go program `tables` prints. */
export interface GoTables {
  readonly kinds: readonly GoKind[]
  readonly messages: Readonly<Record<string, readonly GoField[]>>
}

export interface GoKind {
  readonly group: string
  readonly version: string
  readonly kind: string
  readonly message: string
}

interface GoField {
  readonly name: string
  readonly number: number
  readonly type: string
  readonly presence: string
}

/**
 * The protobuf tables: kinds by `apiVersion/kind`, and per message rows of name, number, type,
 * presence.
 */
export function makeMessages(tables: GoTables): {
  readonly kinds: Readonly<Record<string, string>>
  readonly messages: Readonly<Record<string, readonly (readonly (string | number)[])[]>>
} {
  const messages = Object.entries(tables.messages).sort(([left], [right]) =>
    left < right ? -1 : 1,
  )
  return {
    kinds: Object.fromEntries(
      tables.kinds.map(({ group, version, kind, message }) => [
        `${group === "" ? version : `${group}/${version}`}/${kind}`,
        message,
      ]),
    ),
    messages: Object.fromEntries(
      messages.map(([name, fields]) => [
        name,
        fields.map((field) => [field.name, field.number, field.type, field.presence]),
      ]),
    ),
  }
}
