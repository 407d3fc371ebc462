import { gunzipSync } from "node:zlib"
import type { KubeadmConfig } from "#apis"
import { FileContentError, secretContent, type SecretReader } from "./secret-content.ts"

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
