import { formatTime, isObject } from "#base"
import { type ApiObject, badRequest, type UserInfo } from "#meta"
import type { Authenticator } from "../authentication/authenticator.ts"
import type { Attributes } from "../authorization/authorizer.ts"
import type { RbacAuthorizer } from "../authorization/rbac.ts"
import type { WriteCall } from "../call.ts"
import type { SubresourceHandler, SubresourceHandlers } from "./handler.ts"

export interface ReviewOptions {
  readonly rbac: RbacAuthorizer
  readonly authenticator: Authenticator
  readonly issuer: string
  readonly nowMs: () => number
}

type Spec = Readonly<Record<string, unknown>>

const authorization = "authorization.k8s.io"
const authentication = "authentication.k8s.io"

/** Kinds that are questions: posted, answered, never stored. */
export function addReviews(handlers: SubresourceHandlers, options: ReviewOptions): void {
  const { rbac } = options
  const add = (
    group: string,
    plural: string,
    answer: (spec: Spec, call: WriteCall) => unknown,
  ): void => {
    handlers.add({ group, plural }, "", review(answer, options.nowMs))
  }
  const access = (spec: Spec, user: UserInfo, namespace?: string): unknown => {
    const attributes = attributesOf(spec, user, namespace)
    const allowed = rbac.isAllowed(attributes)
    return allowed ? { allowed } : { allowed, reason: rbac.whyDenied(attributes) }
  }
  add(authorization, "selfsubjectaccessreviews", (spec, { user }) => access(spec, user))
  add(authorization, "subjectaccessreviews", (spec) => access(spec, subjectOf(spec)))
  add(authorization, "localsubjectaccessreviews", (spec, { namespace }) =>
    access(spec, subjectOf(spec), namespace),
  )
  add(authorization, "selfsubjectrulesreviews", (spec, { user }) => rulesStatus(rbac, user, spec))
  add(authentication, "selfsubjectreviews", (_spec, { user }) => ({ userInfo: userStatus(user) }))
  add(authentication, "tokenreviews", (spec) => tokenStatus(options, spec))
}

function review(
  answer: (spec: Spec, call: WriteCall) => unknown,
  nowMs: () => number,
): SubresourceHandler {
  return {
    create: async (call, body) => {
      if (!isObject(body)) throw badRequest("the body must be a review")
      const spec = isObject(body["spec"]) ? body["spec"] : {}
      return {
        ...body,
        kind: call.resource.kind,
        apiVersion: `${call.resource.group}/${call.resource.version}`,
        metadata: { creationTimestamp: formatTime(nowMs()) },
        spec,
        status: await answer(spec, call),
      } as unknown as ApiObject
    },
  }
}

function attributesOf(spec: Spec, user: UserInfo, namespace: string | undefined): Attributes {
  const { resourceAttributes, nonResourceAttributes } = spec
  if (isObject(resourceAttributes)) {
    const { verb, group, resource, subresource, name } = resourceAttributes
    const home = namespace ?? text(resourceAttributes["namespace"])
    return {
      kind: "resource",
      user,
      verb: text(verb),
      group: text(group),
      resource:
        text(subresource) === "" ? text(resource) : `${text(resource)}/${text(subresource)}`,
      namespace: home === "" ? undefined : home,
      name: text(name) === "" ? undefined : text(name),
    }
  }
  if (isObject(nonResourceAttributes)) {
    const { verb, path } = nonResourceAttributes
    return { kind: "path", user, verb: text(verb), path: text(path) }
  }
  throw badRequest("spec: one of resourceAttributes or nonResourceAttributes is required")
}

function subjectOf(spec: Spec): UserInfo {
  const groups = Array.isArray(spec["groups"]) ? spec["groups"].map(text) : []
  return { name: text(spec["user"]), groups }
}

function rulesStatus(rbac: RbacAuthorizer, user: UserInfo, spec: Spec): unknown {
  const rules = [
    ...(user.groups.includes("system:masters")
      ? [
          { verbs: ["*"], apiGroups: ["*"], resources: ["*"] },
          { verbs: ["*"], nonResourceURLs: ["*"] },
        ]
      : []),
    ...rbac.rulesFor(user, undefined),
    ...rbac.rulesFor(user, text(spec["namespace"])),
  ]
  return {
    resourceRules: rules.filter((rule) => rule.nonResourceURLs === undefined),
    nonResourceRules: rules.filter((rule) => rule.nonResourceURLs !== undefined),
    incomplete: false,
  }
}

async function tokenStatus(options: ReviewOptions, spec: Spec): Promise<unknown> {
  const wanted = Array.isArray(spec["audiences"]) ? spec["audiences"].map(text) : []
  const audiences = wanted.length > 0 ? wanted : [options.issuer]
  try {
    const user = await options.authenticator.tokenUser(text(spec["token"]), audiences)
    return { authenticated: true, user: userStatus(user), audiences }
  } catch {
    return { authenticated: false, error: "the token is not valid for this server", user: {} }
  }
}

function userStatus(user: UserInfo): unknown {
  const { name, uid, groups, extra } = user
  return { username: name, ...(uid ? { uid } : {}), groups, ...(extra ? { extra } : {}) }
}

function text(value: unknown): string {
  return typeof value === "string" ? value : ""
}
