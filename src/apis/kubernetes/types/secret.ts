import type { ApiObject } from "#meta"
import { kindRef } from "./kind-ref.ts"

export interface Secret extends ApiObject {
  readonly type?: string | undefined
  readonly immutable?: boolean | undefined
  /** Values in base64. */
  readonly data?: Readonly<Record<string, string>> | undefined
  /** Write-only: plain text that the server puts into `data`. */
  readonly stringData?: Readonly<Record<string, string>> | undefined
}

export const SecretKind = kindRef<Secret>("v1", "Secret")
