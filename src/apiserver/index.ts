export {
  ApiServer,
  type ApiServerOptions,
  type ListenOptions,
  type TokenOptions,
} from "./api-server.ts"
export type { Attributes, Authorizer } from "./authorization/authorizer.ts"
export type { PolicyRule } from "./authorization/policy-rule.ts"
export type { Call, WriteCall } from "./call.ts"
export { type CustomResourceDefinition, definitionOf } from "./custom/definition.ts"
export type { Hub } from "./hub/hub.ts"
export type { Record } from "./hub/record.ts"
export type { Table, TableChange } from "./hub/table.ts"
export type { ResourceRegistry } from "./registry.ts"
export type { ExtraSubresource, Resource } from "./resource.ts"
export { storedObject } from "./hub/stored-object.ts"
export { seedCluster, type SeedOptions } from "./seed.ts"
export type { StreamRequest, SubresourceHandler } from "./subresources/handler.ts"
