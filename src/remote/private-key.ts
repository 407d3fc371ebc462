import { createHash } from "node:crypto"

import ssh2 from "ssh2"
import type { ParsedKey } from "ssh2"

import type { HostCredentials } from "./host.ts"
import { InvalidKeyError } from "./host-error.ts"

/**
 * Opening an encrypted key costs tens of milliseconds of pure computation, and one key usually
 * serves a whole pool: opened keys are kept, the least recently used one goes first.
 */
const openedKeys = new Map<string, ParsedKey>()
const openedKeysLimit = 64

/**
 * Reads a private key. Throws InvalidKey with what is wrong; the message never holds key material.
 */
export function readPrivateKey(credentials: HostCredentials): ParsedKey {
  const { privateKey, passphrase } = credentials
  const id = createHash("sha256")
    .update(JSON.stringify([privateKey, passphrase ?? null]))
    .digest("hex")
  const known = openedKeys.get(id)
  const key = known ?? openKey(privateKey, passphrase)
  openedKeys.delete(id)
  openedKeys.set(id, key)
  const oldest = openedKeys.keys().next()
  if (openedKeys.size > openedKeysLimit && !oldest.done) openedKeys.delete(oldest.value)
  return key
}

function openKey(privateKey: string, passphrase: string | undefined): ParsedKey {
  let parsed: ReturnType<typeof ssh2.utils.parseKey>
  try {
    parsed = ssh2.utils.parseKey(`${privateKey.trim()}\n`, passphrase)
  } catch (cause) {
    throw new InvalidKeyError("read private key: it is damaged", { cause })
  }
  const key = Array.isArray(parsed) ? parsed[0] : parsed
  if (key === undefined) throw new InvalidKeyError("read private key: no key in it")
  if (key instanceof Error)
    throw new InvalidKeyError(`read private key: ${explain(key, passphrase)}`)
  if (!key.isPrivateKey()) throw new InvalidKeyError("read private key: this is a public key")
  return key
}

function explain(error: Error, passphrase: string | undefined): string {
  if (/no passphrase/i.test(error.message)) return "it is encrypted and no passphrase is given"
  if (passphrase !== undefined && /integrity check|bad decrypt|passphrase/i.test(error.message)) {
    return "the passphrase does not open it"
  }
  if (/unsupported key format/i.test(error.message)) return "not a private key in a known format"
  return error.message.charAt(0).toLowerCase() + error.message.slice(1)
}
