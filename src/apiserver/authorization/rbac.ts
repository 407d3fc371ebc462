import type { ApiObject, UserInfo } from "#meta"
import type { Hub } from "../hub/hub.ts"
import { keyFor, prefixFor } from "../hub/record.ts"
import type { Table } from "../hub/table.ts"
import type { Attributes, Authorizer } from "./authorizer.ts"
import { type PolicyRule, ruleAllows } from "./policy-rule.ts"

interface Subject {
  readonly kind: string
  readonly name: string
  readonly namespace?: string | undefined
}

interface RoleRef {
  readonly kind: string
  readonly name: string
}

interface Binding extends ApiObject {
  readonly subjects?: readonly Subject[] | undefined
  readonly roleRef: RoleRef
}

interface Role extends ApiObject {
  readonly rules?: readonly PolicyRule[] | undefined
}

const group = "rbac.authorization.k8s.io"
const superusers = "system:masters"
const cachedUsersMax = 4_096

/** Role-based access control over the roles and bindings that the hub holds. */
export class RbacAuthorizer implements Authorizer {
  readonly #clusterRoles: Table
  readonly #roles: Table
  readonly #clusterRoleBindings: Table
  readonly #roleBindings: Table
  #rules = new Map<string, readonly PolicyRule[]>()
  #stamp = ""

  constructor(hub: Hub) {
    const table = (plural: string): Table => hub.table(prefixFor(group, plural))
    this.#clusterRoles = table("clusterroles")
    this.#roles = table("roles")
    this.#clusterRoleBindings = table("clusterrolebindings")
    this.#roleBindings = table("rolebindings")
  }

  isAllowed(attributes: Attributes): boolean {
    const { user } = attributes
    if (user.groups.includes(superusers)) return true
    const namespace = attributes.kind === "resource" ? attributes.namespace : undefined
    const allows = (rule: PolicyRule): boolean => ruleAllows(rule, attributes)
    if (this.rulesFor(user, undefined).some(allows)) return true
    return namespace !== undefined && this.rulesFor(user, namespace).some(allows)
  }

  /** Names the roles that the user is bound to and that are not there; empty when all are. */
  whyDenied(attributes: Attributes): string {
    const { user } = attributes
    const namespace = attributes.kind === "resource" ? attributes.namespace : undefined
    const scopes = namespace === undefined ? [undefined] : [undefined, namespace]
    const missing = scopes.flatMap((scope) =>
      this.#bindingsOf(user, scope)
        .filter(({ roleRef }) => this.rulesOf(roleRef, scope) === undefined)
        .map(({ roleRef }) => missingRole(roleRef)),
    )
    if (missing.length === 0) return ""
    return `RBAC: ${missing.length === 1 ? missing.join("") : `[${missing.join(", ")}]`}`
  }

  /** What the user's bindings grant in the namespace, or everywhere for an undefined one. */
  rulesFor(user: UserInfo, namespace: string | undefined): readonly PolicyRule[] {
    this.#refresh()
    const key = JSON.stringify([user.name, user.groups, namespace])
    const known = this.#rules.get(key)
    if (known) return known
    if (this.#rules.size >= cachedUsersMax) this.#rules.clear()
    const rules = this.#bindingsOf(user, namespace).flatMap(
      ({ roleRef }) => this.rulesOf(roleRef, namespace) ?? [],
    )
    this.#rules.set(key, rules)
    return rules
  }

  /** The rules a role reference stands for; undefined when the role is not there. */
  rulesOf(roleRef: RoleRef, namespace: string | undefined): readonly PolicyRule[] | undefined {
    const isClusterRole = roleRef.kind === "ClusterRole"
    const table = isClusterRole ? this.#clusterRoles : this.#roles
    const key = keyFor(table.prefix, isClusterRole ? undefined : namespace, roleRef.name)
    const role: Role | undefined = table.get(key)?.object
    return role && (role.rules ?? [])
  }

  #refresh(): void {
    const stamp = [this.#clusterRoles, this.#roles, this.#clusterRoleBindings, this.#roleBindings]
      .map((table) => `${table.lastRevision}:${table.size}`)
      .join()
    if (stamp === this.#stamp) return
    this.#stamp = stamp
    this.#rules = new Map()
  }

  #bindingsOf(user: UserInfo, namespace: string | undefined): readonly Binding[] {
    const records =
      namespace === undefined
        ? this.#clusterRoleBindings.range()
        : this.#roleBindings.range(keyFor(this.#roleBindings.prefix, namespace, ""))
    return [...records]
      .map((record) => record.object as Binding)
      .filter((binding) => isBound(binding, user, namespace))
  }
}

function missingRole({ kind, name }: RoleRef): string {
  const plural = kind === "ClusterRole" ? "clusterrole" : "role"
  return `${plural}.${group} ${JSON.stringify(name)} not found`
}

function isBound(binding: Binding, user: UserInfo, namespace: string | undefined): boolean {
  return (binding.subjects ?? []).some((subject) => {
    switch (subject.kind) {
      case "User":
        return subject.name === user.name
      case "Group":
        return user.groups.includes(subject.name)
      case "ServiceAccount": {
        const home = subject.namespace ?? namespace ?? ""
        return user.name === `system:serviceaccount:${home}:${subject.name}`
      }
      default:
        return false
    }
  })
}
