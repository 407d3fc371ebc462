import type { ApiObject } from "#meta"
import { kindRef } from "./kind-ref.ts"

/** As far as draining looks at it. */
export interface PersistentVolume extends ApiObject {
  readonly spec?:
    | {
        readonly claimRef?:
          | { readonly namespace?: string | undefined; readonly name?: string | undefined }
          | undefined
        readonly csi?: { readonly driver: string; readonly volumeHandle: string } | undefined
      }
    | undefined
}

export const PersistentVolumeKind = kindRef<PersistentVolume>("v1", "PersistentVolume")
