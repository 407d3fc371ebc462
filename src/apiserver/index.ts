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
export type { ExtraSubresource, Resource } from "./resource.ts"
export { seedCluster, type SeedOptions } from "./seed.ts"
export type { SubresourceHandler } from "./subresources/handler.ts"
