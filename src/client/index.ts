export {
  type ApplyOptions,
  Client,
  type ClientOptions,
  type NamespacedListOptions,
  type PatchCallOptions,
} from "./client.ts"
export type { ApplyManifest, JsonPatchOperation, Manifest, Part, Patch } from "./manifest.ts"
