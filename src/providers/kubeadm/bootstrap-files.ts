import { gunzipSync } from "node:zlib"
import { type KubeadmConfig, SecretKind, type Secret } from "#apis"
import { secretText } from "#contract"
import type { ObjectKey } from "#meta"
import type { HostUser } from "./host-users.ts"

/** A file on the host, decoded. */
export interface HostFile {
  readonly path: string
  readonly content: Buffer
  readonly permissions: string
  readonly owner: string
  readonly append: boolean
  /** Its content came from a Secret, or is a private key: it must not show in output. */
  readonly isSecret: boolean
}

/** A file or password that cannot be had; the message names it and the Secret. */
export class FileContentError extends Error {
  override readonly name = "FileContentError"
}

interface SecretReader {
  live(kind: typeof SecretKind, key: ObjectKey): Promise<Secret | undefined>
}

const expandedMaxBytes = 32 * 1024 * 1024

/** The files of a KubeadmConfig, contents from Secrets included. Errors: `FileContentError`. */
export async function userFiles(
  reader: SecretReader,
  config: KubeadmConfig,
): Promise<readonly HostFile[]> {
  const files = config.spec?.files ?? []
  return await Promise.all(
    files.map(async (file) => {
      if (file.contentFormat === "Template") {
        throw new FileContentError(
          `read file ${file.path}: contentFormat Template is not supported; use Raw`,
        )
      }
      const source = file.contentFrom?.secret
      const text = source
        ? await secretContent(
            reader,
            { namespace: config.metadata.namespace, ...source },
            `file ${file.path}`,
          )
        : (file.content ?? "")
      return {
        path: file.path,
        content: decode(text, file.encoding, file.path),
        permissions: file.permissions ?? "0644",
        owner: file.owner ?? "root:root",
        append: file.append === true,
        isSecret: source !== undefined,
      }
    }),
  )
}

/**
 * The users of a KubeadmConfig, password hashes fetched from Secrets. Errors: `FileContentError`.
 */
export async function hostUsers(
  reader: SecretReader,
  config: KubeadmConfig,
): Promise<readonly HostUser[]> {
  const { namespace } = config.metadata
  return await Promise.all(
    (config.spec?.users ?? []).map(async ({ passwdFrom, ...user }) => {
      if (!passwdFrom) return user
      const source = { namespace, ...passwdFrom.secret }
      const text = await secretContent(reader, source, `password of user ${user.name}`)
      return { ...user, passwd: text.trim() }
    }),
  )
}

async function secretContent(
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

function decode(text: string, encoding: string | undefined, path: string): Buffer {
  const bytes = encoding?.includes("base64")
    ? Buffer.from(text, "base64")
    : Buffer.from(text, encoding === "gzip" ? "latin1" : "utf8")
  if (!encoding?.includes("gzip")) return bytes
  try {
    return gunzipSync(bytes, { maxOutputLength: expandedMaxBytes })
  } catch (cause) {
    throw new FileContentError(`read file ${path}: its content is not gzip`, { cause })
  }
}
