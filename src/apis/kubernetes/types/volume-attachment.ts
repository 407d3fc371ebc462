import type { ApiObject } from "#meta"
import { kindRef } from "./kind-ref.ts"

/** As far as draining looks at it. */
export interface VolumeAttachment extends ApiObject {
  readonly spec: {
    readonly attacher: string
    readonly nodeName: string
    readonly source: { readonly persistentVolumeName?: string | undefined }
  }
  readonly status?: { readonly attached: boolean } | undefined
}

export const VolumeAttachmentKind = kindRef<VolumeAttachment>(
  "storage.k8s.io/v1",
  "VolumeAttachment",
)
