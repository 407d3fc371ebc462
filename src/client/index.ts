export {
  type ApplyOptions,
  Client,
  type ClientOptions,
  type NamespacedListOptions,
  type PatchCallOptions,
} from "./client.ts"
export { ConnectionError } from "./connection-error.ts"
export { HttpTransport, type HttpTransportOptions } from "./http-transport.ts"
export { InformerSource, type InformerSourceOptions } from "./informer-source.ts"
export { Informer, type InformerOptions } from "./informer.ts"
export type { ApplyManifest, JsonPatchOperation, Manifest, Part, Patch } from "./manifest.ts"
export { ObjectIndex } from "./object-index.ts"
