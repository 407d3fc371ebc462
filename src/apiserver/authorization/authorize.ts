import { ApiError, type UserInfo } from "#meta"
import type { Call } from "../call.ts"
import type { Attributes, Authorizer } from "./authorizer.ts"

/** Refuses a call that its user may not make. Errors: `Forbidden`. */
export function authorize(authorizer: Authorizer, call: Call, verb: string): void {
  const { user, resource, namespace, name, subresource } = call
  const target = subresource === undefined ? resource.plural : `${resource.plural}/${subresource}`
  const { group } = resource
  const asked = { user, verb, group, resource: target, namespace, name }
  const attributes: Attributes = { kind: "resource", ...asked }
  if (authorizer.isAllowed(attributes)) return
  const qualified = group === "" ? target : `${target}.${group}`
  const where =
    namespace === undefined ? "at the cluster scope" : `in the namespace ${quote(namespace)}`
  const subject = name === undefined ? "" : ` ${quote(name)}`
  const message = `${qualified}${subject} is forbidden: User ${quote(user.name)} cannot ${verb} resource ${quote(target)} in API group ${quote(group)} ${where}`
  throw new ApiError(403, "Forbidden", withReason(message, authorizer.whyDenied(attributes)), {
    details: {
      ...(name === undefined ? {} : { name }),
      ...(group === "" ? {} : { group }),
      kind: resource.plural,
    },
  })
}

/** Refuses a request for something that is no resource. Errors: `Forbidden`. */
export function authorizePath(
  authorizer: Authorizer,
  user: UserInfo,
  verb: string,
  path: string,
): void {
  const attributes: Attributes = { kind: "path", user, verb, path }
  if (authorizer.isAllowed(attributes)) return
  const message = `forbidden: User ${quote(user.name)} cannot ${verb} path ${quote(path)}`
  throw new ApiError(403, "Forbidden", withReason(message, authorizer.whyDenied(attributes)), {
    details: {},
  })
}

function withReason(message: string, reason: string): string {
  return reason === "" ? message : `${message}: ${reason}`
}

function quote(text: string): string {
  return JSON.stringify(text)
}
