import { ApiError, type UserInfo } from "#meta"
import type { Authorizer } from "../authorization/authorizer.ts"
import type { Exchange } from "../http/exchange.ts"

const extraPrefix = "impersonate-extra-"
const authenticationGroup = "authentication.k8s.io"

/** One thing a user must be allowed to impersonate. */
interface Claim {
  readonly group: string
  readonly resource: string
  readonly name: string
  readonly namespace?: string | undefined
}

/** The user a request speaks for: its own, or one it may impersonate. Errors: `Forbidden`. */
export function impersonate(
  authorizer: Authorizer,
  user: UserInfo,
  request: Pick<Exchange, "headers" | "headerValues">,
): UserInfo {
  const [name] = request.headerValues("impersonate-user")
  const [uid] = request.headerValues("impersonate-uid")
  const groups = request.headerValues("impersonate-group")
  const extra = extraOf(request)
  if (name === undefined) {
    if (uid === undefined && groups.length === 0 && Object.keys(extra).length === 0) return user
    throw new ApiError(
      403,
      "Forbidden",
      `User ${JSON.stringify(user.name)} cannot impersonate groups, a UID or extras without a user`,
    )
  }
  const account = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(name)
  const claims: readonly Claim[] = [
    account
      ? {
          group: "",
          resource: "serviceaccounts",
          name: account[2] ?? "",
          namespace: account[1],
        }
      : { group: "", resource: "users", name },
    ...groups.map((group) => ({ group: "", resource: "groups", name: group })),
    ...(uid === undefined ? [] : [{ group: authenticationGroup, resource: "uids", name: uid }]),
    ...Object.entries(extra).flatMap(([key, values]) =>
      values.map((value) => ({
        group: authenticationGroup,
        resource: `userextras/${key}`,
        name: value,
      })),
    ),
  ]
  for (const claim of claims) check(authorizer, user, claim)
  const implied =
    account && groups.length === 0
      ? ["system:serviceaccounts", `system:serviceaccounts:${account[1]}`]
      : []
  const everybody = name === "system:anonymous" ? "system:unauthenticated" : "system:authenticated"
  return {
    name,
    ...(uid === undefined ? {} : { uid }),
    groups: [...new Set([...groups, ...implied, everybody])],
    ...(Object.keys(extra).length === 0 ? {} : { extra }),
  }
}

/** `Impersonate-Extra-<key>: value`; keys are percent-encoded where headers need it. */
function extraOf(
  request: Pick<Exchange, "headers" | "headerValues">,
): Readonly<Record<string, readonly string[]>> {
  const names = Object.keys(request.headers).filter((header) => header.startsWith(extraPrefix))
  return Object.fromEntries(
    names.map((header) => [
      decoded(header.slice(extraPrefix.length)),
      request.headerValues(header),
    ]),
  )
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

function check(authorizer: Authorizer, user: UserInfo, claim: Claim): void {
  const { group, resource, name, namespace } = claim
  const attributes = { user, verb: "impersonate", group, resource, namespace, name }
  if (authorizer.isAllowed({ kind: "resource", ...attributes })) return
  const qualified = group === "" ? resource : `${resource}.${group}`
  const where =
    namespace === undefined
      ? "at the cluster scope"
      : `in the namespace ${JSON.stringify(namespace)}`
  throw new ApiError(
    403,
    "Forbidden",
    `${qualified} ${JSON.stringify(name)} is forbidden: User ${JSON.stringify(user.name)} cannot impersonate resource ${JSON.stringify(resource)} in API group ${JSON.stringify(group)} ${where}`,
  )
}
