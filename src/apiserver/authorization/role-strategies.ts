import { deepEqual, isObject } from "#base"
import { type ApiObject, forbidden, notFound, type UserInfo } from "#meta"
import { type FieldError, invalidError, notSupportedError, requiredError } from "#schema"
import { type CheckInput, plainStrategy, type Strategy } from "../resource.ts"
import { compactRules, type PolicyRule, uncoveredRules } from "./policy-rule.ts"
import type { RbacAuthorizer } from "./rbac.ts"

type Content = ApiObject & { readonly [field: string]: unknown }

interface RoleRef {
  readonly apiGroup?: string | undefined
  readonly kind: string
  readonly name: string
}

const group = "rbac.authorization.k8s.io"
const superusers = "system:masters"
const everything: PolicyRule = { verbs: ["*"], apiGroups: ["*"], resources: ["*"] }
const everyPath: PolicyRule = { verbs: ["*"], nonResourceURLs: ["*"] }

const plain: Strategy = {
  ...plainStrategy,
  generation: "none",
  unconditionalUpdate: true,
  nameRule: "path-segment",
}

/**
 * How roles and bindings are written: nobody hands out rights that they do not have, unless they
 * may `escalate` the role or `bind` it.
 */
export function roleStrategies(rbac: RbacAuthorizer): Readonly<Record<string, Strategy>> {
  const role = (plural: string): Strategy => ({
    ...plain,
    validate: (object) => validateRules(object as Content, plural),
    check: (input) => checkRole(rbac, plural, input),
  })
  const binding = (plural: string): Strategy => ({
    ...plain,
    prepare: ({ object }) => prepareBinding(object as Content),
    validate: (object, old) => validateBinding(object as Content, old as Content | undefined),
    check: (input) => checkBinding(rbac, plural, input),
  })
  return {
    [`${group}/roles`]: role("roles"),
    [`${group}/clusterroles`]: role("clusterroles"),
    [`${group}/rolebindings`]: binding("rolebindings"),
    [`${group}/clusterrolebindings`]: binding("clusterrolebindings"),
  }
}

function checkRole(rbac: RbacAuthorizer, plural: string, input: CheckInput): void {
  const { user, object, old, namespace } = input
  if (user.groups.includes(superusers) || isUnchanged(object, old)) return
  const { name } = object.metadata
  const attributes = { user, verb: "escalate", group, resource: plural, namespace, name } as const
  if (rbac.isAllowed({ kind: "resource", ...attributes })) return
  const { rules, aggregationRule } = object as Content
  const wanted = (rules as readonly PolicyRule[] | null | undefined) ?? []
  if (aggregationRule && !deepEqual(aggregationRule, (old as Content)?.["aggregationRule"])) {
    const held = rbac.rulesFor(user, undefined)
    if (uncoveredRules(held, [everything, everyPath]).length > 0) {
      const problem = "must have cluster-admin privileges to use an aggregationRule"
      throw forbidden({ group, plural }, name, problem)
    }
  }
  refuseGains(rbac, { user, namespace, wanted, refuse: refusal(plural, name) })
}

function checkBinding(rbac: RbacAuthorizer, plural: string, input: CheckInput): void {
  const { user, object, old, namespace } = input
  if (user.groups.includes(superusers) || isUnchanged(object, old)) return
  const roleRef = (object as Content)["roleRef"] as RoleRef
  const isClusterRole = roleRef.kind === "ClusterRole"
  const resource = isClusterRole ? "clusterroles" : "roles"
  const attributes = { user, verb: "bind", group, resource, namespace, name: roleRef.name } as const
  if (rbac.isAllowed({ kind: "resource", ...attributes })) return
  const wanted = rbac.rulesOf(roleRef, namespace)
  if (!wanted) throw notFound({ group, plural: resource }, roleRef.name)
  refuseGains(rbac, { user, namespace, wanted, refuse: refusal(plural, object.metadata.name) })
}

function refusal(plural: string, name: string): (problem: string) => Error {
  return (problem) => forbidden({ group, plural }, name, problem)
}

interface Gains {
  readonly user: UserInfo
  readonly namespace: string | undefined
  readonly wanted: readonly PolicyRule[]
  readonly refuse: (problem: string) => Error
}

function refuseGains(rbac: RbacAuthorizer, { user, namespace, wanted, refuse }: Gains): void {
  const held = [
    ...rbac.rulesFor(user, undefined),
    ...(namespace === undefined ? [] : rbac.rulesFor(user, namespace)),
  ]
  const missing = uncoveredRules(held, wanted)
  if (missing.length === 0) return
  const groups = user.groups.map((name) => JSON.stringify(name)).join(" ")
  const rules = compactRules(missing).map((rule) => showRule(rule))
  throw refuse(
    `user ${JSON.stringify(user.name)} (groups=[${groups}]) is attempting to grant RBAC permissions not currently held:\n${rules.sort().join("\n")}`,
  )
}

function showRule(rule: PolicyRule): string {
  const parts: readonly (readonly [string, readonly string[] | undefined])[] = [
    ["APIGroups", rule.apiGroups],
    ["Resources", rule.resources],
    ["ResourceNames", rule.resourceNames],
    ["NonResourceURLs", rule.nonResourceURLs],
    ["Verbs", rule.verbs],
  ]
  const shown = parts.flatMap(([name, values]) =>
    values && values.length > 0
      ? [`${name}:[${values.map((value) => JSON.stringify(value)).join(" ")}]`]
      : [],
  )
  return `{${shown.join(", ")}}`
}

/** Taking off owners and finalizers grants nothing to anybody. */
function isUnchanged(object: ApiObject, old: ApiObject | undefined): boolean {
  return old !== undefined && deepEqual(grantsOf(object), grantsOf(old))
}

function grantsOf(object: ApiObject): unknown {
  const { metadata, ...content } = object
  const {
    ownerReferences: _owners,
    finalizers: _finalizers,
    managedFields: _managed,
    ...rest
  } = metadata
  return { ...content, metadata: rest }
}

function validateRules(object: Content, plural: string): readonly FieldError[] {
  const rules = (object["rules"] as readonly PolicyRule[] | null | undefined) ?? []
  return rules.flatMap((rule, index) => validateRule(rule, `rules[${index}]`, plural === "roles"))
}

function validateRule(
  rule: PolicyRule,
  path: string,
  isNamespaced: boolean,
): readonly FieldError[] {
  const { verbs, nonResourceURLs = [], apiGroups = [], resources = [] } = rule
  const errors: FieldError[] = []
  if (verbs.length === 0) {
    errors.push(requiredError(`${path}.verbs`, "verbs must contain at least one value"))
  }
  if (nonResourceURLs.length > 0) {
    const at = `${path}.nonResourceURLs`
    if (isNamespaced) {
      const detail = "namespaced rules cannot apply to non-resource URLs"
      errors.push(invalidError(at, nonResourceURLs, detail))
    }
    if (apiGroups.length > 0 || resources.length > 0) {
      const detail = "rules cannot apply to both regular resources and non-resource URLs"
      errors.push(invalidError(at, nonResourceURLs, detail))
    }
    return errors
  }
  if (apiGroups.length === 0) {
    const detail = "resource rules must supply at least one api group"
    errors.push(requiredError(`${path}.apiGroups`, detail))
  }
  if (resources.length === 0) {
    const detail = "resource rules must supply at least one resource"
    errors.push(requiredError(`${path}.resources`, detail))
  }
  return errors
}

/** Groups of roles and subjects that follow from their kinds. */
function prepareBinding(object: Content): ApiObject {
  const { roleRef, subjects } = object
  const filled =
    isObject(roleRef) && !roleRef["apiGroup"] ? { ...roleRef, apiGroup: group } : roleRef
  if (!Array.isArray(subjects)) return { ...object, roleRef: filled } as ApiObject
  const named = subjects.map((subject: unknown) =>
    isObject(subject) && !subject["apiGroup"] && subject["kind"] !== "ServiceAccount"
      ? { ...subject, apiGroup: group }
      : subject,
  )
  return { ...object, roleRef: filled, subjects: named } as ApiObject
}

function validateBinding(object: Content, old: Content | undefined): readonly FieldError[] {
  const roleRef = object["roleRef"] as RoleRef
  const errors: FieldError[] = []
  if (roleRef.kind !== "ClusterRole" && roleRef.kind !== "Role") {
    errors.push(notSupportedError("roleRef.kind", roleRef.kind, ["Role", "ClusterRole"]))
  }
  if (roleRef.apiGroup !== group) {
    errors.push(notSupportedError("roleRef.apiGroup", roleRef.apiGroup, [group]))
  }
  if (!roleRef.name) errors.push(requiredError("roleRef.name"))
  if (object.kind === "ClusterRoleBinding" && roleRef.kind === "Role") {
    errors.push(notSupportedError("roleRef.kind", roleRef.kind, ["ClusterRole"]))
  }
  if (old && !deepEqual(roleRef, old["roleRef"])) {
    errors.push(invalidError("roleRef", roleRef, "cannot change roleRef"))
  }
  const subjects = (object["subjects"] ?? []) as readonly Record<string, unknown>[]
  const isCluster = object.kind === "ClusterRoleBinding"
  for (const [index, subject] of subjects.entries()) {
    errors.push(...validateSubject(subject, `subjects[${index}]`, isCluster))
  }
  return errors
}

function validateSubject(
  subject: Readonly<Record<string, unknown>>,
  path: string,
  isCluster: boolean,
): readonly FieldError[] {
  const errors: FieldError[] = []
  if (!subject["name"]) errors.push(requiredError(`${path}.name`))
  switch (subject["kind"]) {
    case "ServiceAccount":
      if (!subject["namespace"] && isCluster) errors.push(requiredError(`${path}.namespace`))
      return errors
    case "User":
    case "Group":
      if (subject["apiGroup"] !== group) {
        errors.push(notSupportedError(`${path}.apiGroup`, subject["apiGroup"], [group]))
      }
      return errors
    default:
      errors.push(
        notSupportedError(`${path}.kind`, subject["kind"], ["ServiceAccount", "User", "Group"]),
      )
      return errors
  }
}
