import type { UserInfo } from "#meta"

/** What somebody wants to do, as RBAC sees it. */
export type Attributes =
  | {
      readonly kind: "resource"
      readonly user: UserInfo
      readonly verb: string
      readonly group: string
      /** `plural`, or `plural/subresource`. */
      readonly resource: string
      readonly namespace: string | undefined
      readonly name: string | undefined
    }
  | {
      readonly kind: "path"
      readonly user: UserInfo
      readonly verb: string
      readonly path: string
    }

/** Decides from what the server holds in memory: every request asks. */
export interface Authorizer {
  isAllowed(attributes: Attributes): boolean
  /** What may be wrong with the rights of somebody who was denied something; empty if nothing. */
  whyDenied(attributes: Attributes): string
}
