import { gunzipSync } from "node:zlib"
import { type KubeadmConfig, SecretKind, type Secret } from "#apis"
import { secretText } from "#contract"
import type { ObjectKey } from "#meta"

/** A file on the host, decoded. */
export interface HostFile {
  readonly path: string
  readonly content: Buffer
  readonly permissions: string
  readonly owner: string
  readonly append: boolean
}

/** A file whose content cannot be had; the message names file and Secret. */
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
            file.path,
          )
        : (file.content ?? "")
      return {
        path: file.path,
        content: decode(text, file.encoding, file.path),
        permissions: file.permissions ?? "0644",
        owner: file.owner ?? "root:root",
        append: file.append === true,
      }
    }),
  )
}

async function secretContent(
  reader: SecretReader,
  source: { readonly namespace: string | undefined; readonly name: string; readonly key: string },
  path: string,
): Promise<string> {
  const { namespace, name, key } = source
  const secret = await reader.live(SecretKind, { namespace, name })
  if (!secret) throw new FileContentError(`read file ${path}: Secret ${name} is not there`)
  const text = secretText(secret, key)
  if (text === undefined) {
    throw new FileContentError(`read file ${path}: Secret ${name} has no key ${key}`)
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
