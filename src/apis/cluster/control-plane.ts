import type { ApiObject } from "#meta"
import { label } from "./names.ts"

/** True for a Machine, or what belongs to one, that runs a control plane. */
export function isControlPlane({ metadata }: ApiObject): boolean {
  return metadata.labels?.[label.controlPlane] !== undefined
}
