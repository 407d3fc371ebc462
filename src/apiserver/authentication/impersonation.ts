import type { IncomingHttpHeaders } from "node:http"
import { ApiError, type UserInfo } from "#meta"
import type { Attributes, Authorizer } from "../authorization/authorizer.ts"

/** The user a request speaks for: its own, or one it may impersonate. Errors: `Forbidden`. */
export function impersonate(
  authorizer: Authorizer,
  user: UserInfo,
  headers: IncomingHttpHeaders,
): UserInfo {
  const name = single(headers["impersonate-user"])
  const groups = several(headers["impersonate-group"])
  if (name === undefined) {
    if (groups.length > 0) throw refused(user, "groups", "without a user")
    return user
  }
  const account = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(name)
  const check = (resource: string, target: string, namespace?: string): void => {
    const attributes: Attributes = {
      kind: "resource",
      user,
      verb: "impersonate",
      group: "",
      resource,
      namespace,
      name: target,
    }
    if (!authorizer.isAllowed(attributes)) throw refused(user, resource, JSON.stringify(target))
  }
  if (account) check("serviceaccounts", account[2] ?? "", account[1])
  else check("users", name)
  for (const group of groups) check("groups", group)
  const implied =
    account && groups.length === 0
      ? ["system:serviceaccounts", `system:serviceaccounts:${account[1]}`]
      : []
  const everybody = name === "system:anonymous" ? "system:unauthenticated" : "system:authenticated"
  return { name, groups: [...new Set([...groups, ...implied, everybody])] }
}

function single(header: string | readonly string[] | undefined): string | undefined {
  return typeof header === "string" ? header : header?.[0]
}

function several(header: string | readonly string[] | undefined): readonly string[] {
  if (header === undefined) return []
  return typeof header === "string" ? header.split(",").map((item) => item.trim()) : header
}

function refused(user: UserInfo, resource: string, target: string): ApiError {
  const message = `${resource} ${target} is forbidden: User ${JSON.stringify(user.name)} cannot impersonate resource ${JSON.stringify(resource)} in API group "" at the cluster scope`
  return new ApiError(403, "Forbidden", message)
}
