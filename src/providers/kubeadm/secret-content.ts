import { type Secret, SecretKind } from "#apis"
import { secretText } from "#contract"
import type { ObjectKey } from "#meta"

/** A file or password that cannot be had; the message names it and the Secret. */
export class FileContentError extends Error {
  override readonly name = "FileContentError"
}

export interface SecretReader {
  live(kind: typeof SecretKind, key: ObjectKey): Promise<Secret | undefined>
}

/** The text under a key of a Secret. Errors: `FileContentError`. */
export async function secretContent(
  reader: SecretReader,
  source: { readonly namespace: string | undefined; readonly name: string; readonly key: string },
  what: string,
): Promise<string> {
  const { namespace, name, key } = source
  const secret = await reader.live(SecretKind, { namespace, name })
  if (!secret) throw new FileContentError(`read ${what}: Secret ${name} is not there`)
  const text = secretText(secret, key)
  if (text === undefined) {
    throw new FileContentError(`read ${what}: Secret ${name} has no key ${key}`)
  }
  return text
}
