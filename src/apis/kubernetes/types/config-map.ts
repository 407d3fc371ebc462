import type { ApiObject } from "#meta"
import { kindRef } from "./kind-ref.ts"

export interface ConfigMap extends ApiObject {
  readonly immutable?: boolean | undefined
  readonly data?: Readonly<Record<string, string>> | undefined
  /** Values in base64. */
  readonly binaryData?: Readonly<Record<string, string>> | undefined
}

export const ConfigMapKind = kindRef<ConfigMap>("v1", "ConfigMap")
