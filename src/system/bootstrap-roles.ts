import type { ClusterRole, ClusterRoleBinding, PolicyRule } from "#apis"
import { adminRules, editRules, viewRules } from "./bootstrap-rules.ts"

const rbacGroup = "rbac.authorization.k8s.io"
const defaultsLabel = { "kubernetes.io/bootstrapping": "rbac-defaults" }
const defaultsAnnotation = { "rbac.authorization.kubernetes.io/autoupdate": "true" }

type Labels = Readonly<Record<string, string>>

function metadata(name: string, labels: Labels = {}): ClusterRole["metadata"] {
  return { name, labels: { ...defaultsLabel, ...labels }, annotations: defaultsAnnotation }
}

function role(name: string, rules: readonly PolicyRule[], labels: Labels = {}): ClusterRole {
  return {
    apiVersion: `${rbacGroup}/v1`,
    kind: "ClusterRole",
    metadata: metadata(name, labels),
    rules,
  }
}

function aggregateLabel(target: string): string {
  return `${rbacGroup}/aggregate-to-${target}`
}

/** A role made of all that carry its label; its parts are found by the aggregation. */
function aggregate(name: string, labels: Labels = {}): ClusterRole {
  const selector = { matchLabels: { [aggregateLabel(name)]: "true" } }
  return {
    ...role(name, [], labels),
    aggregationRule: { clusterRoleSelectors: [selector] },
  }
}

function part(target: string, rules: readonly PolicyRule[]): ClusterRole {
  return role(`system:aggregate-to-${target}`, rules, { [aggregateLabel(target)]: "true" })
}

function binding(roleName: string, groups: readonly string[]): ClusterRoleBinding {
  return {
    apiVersion: `${rbacGroup}/v1`,
    kind: "ClusterRoleBinding",
    metadata: metadata(roleName),
    subjects: groups.map((name) => ({ kind: "Group", apiGroup: rbacGroup, name })),
    roleRef: { apiGroup: rbacGroup, kind: "ClusterRole", name: roleName },
  }
}

const everything: readonly PolicyRule[] = [
  { apiGroups: ["*"], resources: ["*"], verbs: ["*"] },
  { nonResourceURLs: ["*"], verbs: ["*"] },
]

const publicPaths = ["/healthz", "/livez", "/readyz", "/version", "/version/"]
const discoveryPaths = [
  "/api",
  "/api/*",
  "/apis",
  "/apis/*",
  "/openapi",
  "/openapi/*",
  ...publicPaths,
]
const issuerPaths = ["/.well-known/openid-configuration", "/.well-known/openid-configuration/"]

/** The cluster roles that every cluster has; `admin`, `edit` and `view` grow with their parts. */
export const bootstrapRoles: readonly ClusterRole[] = [
  role("cluster-admin", everything),
  aggregate("admin"),
  aggregate("edit", { [aggregateLabel("admin")]: "true" }),
  aggregate("view", { [aggregateLabel("edit")]: "true" }),
  part("admin", adminRules),
  part("edit", editRules),
  part("view", viewRules),
  role("system:discovery", [{ nonResourceURLs: discoveryPaths, verbs: ["get"] }]),
  role("system:public-info-viewer", [{ nonResourceURLs: publicPaths, verbs: ["get"] }]),
  role("system:monitoring", [
    { nonResourceURLs: ["/metrics", "/healthz/*", "/livez/*", "/readyz/*"], verbs: ["get"] },
  ]),
  role("system:service-account-issuer-discovery", [
    { nonResourceURLs: [...issuerPaths, "/openid/v1/jwks", "/openid/v1/jwks/"], verbs: ["get"] },
  ]),
  role("system:basic-user", [
    {
      apiGroups: ["authorization.k8s.io"],
      resources: ["selfsubjectaccessreviews", "selfsubjectrulesreviews"],
      verbs: ["create"],
    },
    {
      apiGroups: ["authentication.k8s.io"],
      resources: ["selfsubjectreviews"],
      verbs: ["create"],
    },
  ]),
  role("system:auth-delegator", [
    { apiGroups: ["authentication.k8s.io"], resources: ["tokenreviews"], verbs: ["create"] },
    {
      apiGroups: ["authorization.k8s.io"],
      resources: ["subjectaccessreviews"],
      verbs: ["create"],
    },
  ]),
]

/** Who has them from the beginning. */
export const bootstrapBindings: readonly ClusterRoleBinding[] = [
  binding("cluster-admin", ["system:masters"]),
  binding("system:discovery", ["system:authenticated"]),
  binding("system:basic-user", ["system:authenticated"]),
  binding("system:public-info-viewer", ["system:authenticated", "system:unauthenticated"]),
  binding("system:monitoring", ["system:monitoring"]),
  binding("system:service-account-issuer-discovery", ["system:serviceaccounts"]),
]
