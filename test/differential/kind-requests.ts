import type { ComparedRequest } from "./compared-request.ts"

const secrets = "/api/v1/namespaces/default/secrets"
const roles = "/apis/rbac.authorization.k8s.io/v1/namespaces/default/roles"
const bindings = "/apis/rbac.authorization.k8s.io/v1/namespaces/default/rolebindings"
const leases = "/apis/coordination.k8s.io/v1/namespaces/default/leases"
const events = "/api/v1/namespaces/default/events"
const newEvents = "/apis/events.k8s.io/v1/namespaces/default/events"
const definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"

const apply = "application/apply-patch+yaml"
const merge = "application/merge-patch+json"

function role(name: string, rules: readonly object[]): object {
  const apiVersion = "rbac.authorization.k8s.io/v1"
  return { apiVersion, kind: "Role", metadata: { name }, rules }
}

function definition(changes: object = {}, version: object = {}): object {
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: "gadgets.differential.test" },
    spec: {
      group: "differential.test",
      scope: "Namespaced",
      names: { plural: "gadgets", kind: "Gadget" },
      versions: [
        {
          name: "v1",
          served: true,
          storage: true,
          schema: { openAPIV3Schema: { type: "object" } },
          ...version,
        },
      ],
      ...changes,
    },
  }
}

function event(name: string, more: object = {}): object {
  const involvedObject = { kind: "ConfigMap", name: "x", namespace: "default" }
  return { apiVersion: "v1", kind: "Event", metadata: { name }, involvedObject, ...more }
}

export const kindRequests: readonly ComparedRequest[] = [
  {
    name: "secret bad base64",
    compares: "reason",
    method: "POST",
    path: secrets,
    body: { metadata: { name: "s" }, data: { a: "!!" } },
  },
  {
    name: "secret tls without data",
    method: "POST",
    path: secrets,
    body: { metadata: { name: "s" }, type: "kubernetes.io/tls" },
  },
  {
    name: "secret",
    method: "POST",
    path: secrets,
    body: { metadata: { name: "s" }, stringData: { a: "b" }, immutable: true },
  },
  {
    name: "secret type change",
    method: "PATCH",
    path: `${secrets}/s`,
    contentType: merge,
    body: { type: "other" },
  },
  {
    name: "immutable secret",
    method: "PATCH",
    path: `${secrets}/s`,
    contentType: merge,
    body: { data: { a: "Yg==", c: "Yg==" } },
  },
  {
    name: "mutable again",
    method: "PATCH",
    path: `${secrets}/s`,
    contentType: merge,
    body: { immutable: false },
  },
  {
    name: "lease",
    method: "PUT",
    path: `${leases}/l`,
    body: { metadata: { name: "l" }, spec: { holderIdentity: "a" } },
  },
  {
    name: "lease put without version",
    method: "PUT",
    path: `${leases}/l`,
    body: { metadata: { name: "l" }, spec: { holderIdentity: "b" } },
  },
  {
    name: "lease bad duration",
    method: "POST",
    path: leases,
    body: { metadata: { name: "m" }, spec: { leaseDurationSeconds: 0 } },
  },
  {
    name: "role without verbs",
    method: "POST",
    path: roles,
    body: role("r", [{ apiGroups: [""], resources: ["pods"], verbs: [] }]),
  },
  {
    name: "role without resources",
    method: "POST",
    path: roles,
    body: role("r", [{ apiGroups: [""], verbs: ["get"] }]),
  },
  {
    name: "role of paths",
    method: "POST",
    path: roles,
    body: role("r", [{ nonResourceURLs: ["/x"], verbs: ["get"] }]),
  },
  {
    name: "binding",
    method: "POST",
    path: bindings,
    body: {
      metadata: { name: "b" },
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "r" },
      subjects: [{ kind: "User", name: "u" }],
    },
  },
  {
    name: "binding role change",
    compares: "reason",
    method: "PATCH",
    path: `${bindings}/b`,
    contentType: merge,
    body: { roleRef: { name: "q" } },
  },
  {
    name: "binding bad subject",
    method: "POST",
    path: bindings,
    body: {
      metadata: { name: "c" },
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Pod", name: "r" },
      subjects: [{ kind: "Pod", name: "u" }],
    },
  },
  {
    name: "event",
    method: "POST",
    path: events,
    body: event("e", { type: "Normal", reason: "R" }),
  },
  {
    name: "event elsewhere",
    method: "POST",
    path: events,
    body: event("f", { involvedObject: { kind: "X", name: "x", namespace: "other" } }),
  },
  {
    name: "new event without its fields",
    compares: "reason",
    method: "POST",
    path: newEvents,
    body: { apiVersion: "events.k8s.io/v1", kind: "Event", metadata: { name: "n" } },
  },
  {
    name: "new event",
    method: "POST",
    path: newEvents,
    body: {
      apiVersion: "events.k8s.io/v1",
      kind: "Event",
      metadata: { name: "n" },
      eventTime: "2026-01-01T00:00:00.000000Z",
      reportingController: "example.com/c",
      reportingInstance: "i",
      action: "A",
      reason: "R",
      type: "Normal",
      regarding: { kind: "X", name: "x", namespace: "default" },
    },
  },
  { name: "new event as the old", method: "GET", path: `${events}/n` },
  { name: "old event as the new", method: "GET", path: `${newEvents}/e` },
]

export const definitionRequests: readonly ComparedRequest[] = [
  {
    name: "wrong name",
    method: "POST",
    path: definitions,
    body: { ...definition(), metadata: { name: "x" } },
  },
  {
    name: "no storage version",
    compares: "reason",
    method: "POST",
    path: definitions,
    body: definition({}, { storage: false }),
  },
  {
    name: "no schema",
    compares: "reason",
    method: "POST",
    path: definitions,
    body: definition({}, { schema: undefined }),
  },
  {
    name: "not structural",
    compares: "reason",
    method: "POST",
    path: definitions,
    body: definition({}, { schema: { openAPIV3Schema: { properties: { a: {} } } } }),
  },
  {
    name: "no versions",
    compares: "reason",
    method: "POST",
    path: definitions,
    body: definition({ versions: [] }),
  },
  { name: "bad scope", method: "POST", path: definitions, body: definition({ scope: "Galaxy" }) },
  {
    name: "bad column",
    compares: "reason",
    method: "POST",
    path: definitions,
    body: definition(
      {},
      { additionalPrinterColumns: [{ name: "A", type: "thing", jsonPath: "x" }] },
    ),
  },
  {
    name: "bad scale",
    compares: "reason",
    method: "POST",
    path: definitions,
    body: definition(
      {},
      { subresources: { scale: { specReplicasPath: ".x", statusReplicasPath: ".status.y" } } },
    ),
  },
  {
    name: "preserved at the top",
    method: "POST",
    path: definitions,
    body: definition({ preserveUnknownFields: true }),
  },
  {
    name: "bad conversion",
    method: "POST",
    path: definitions,
    body: definition({ conversion: { strategy: "Magic" } }),
  },
  { name: "good", method: "POST", path: definitions, body: definition() },
  {
    name: "other group",
    method: "PATCH",
    path: `${definitions}/gadgets.differential.test`,
    contentType: merge,
    body: { spec: { group: "other.test" } },
  },
  {
    name: "storage version gone",
    method: "PATCH",
    path: `${definitions}/gadgets.differential.test`,
    contentType: merge,
    body: {
      spec: {
        versions: [
          {
            name: "v2",
            served: true,
            storage: true,
            schema: { openAPIV3Schema: { type: "object" } },
          },
        ],
      },
    },
  },
]

const container = { name: "c", image: "i" }
const template = { metadata: { labels: { a: "b" } }, spec: { containers: [container] } }
const deployments = "/apis/apps/v1/namespaces/default/deployments"
const pods = "/api/v1/namespaces/default/pods"
const appliedScale = (spec: object): object => ({
  apiVersion: "autoscaling/v1",
  kind: "Scale",
  metadata: { name: "d" },
  spec,
})
const namespaces = "/api/v1/namespaces"

/** What the server makes of parts that are its own to say. */
export const ownershipRequests: readonly ComparedRequest[] = [
  {
    name: "deployment with status",
    method: "POST",
    path: deployments,
    compares: "generation",
    body: {
      metadata: { name: "d", generation: 7 },
      spec: { selector: { matchLabels: { a: "b" } }, template },
      status: { replicas: 3 },
    },
  },
  {
    name: "deployment scaled",
    method: "PATCH",
    path: `${deployments}/d`,
    contentType: merge,
    compares: "generation",
    body: { spec: { replicas: 2 }, status: { replicas: 9 } },
  },
  {
    name: "deployment status",
    method: "PATCH",
    path: `${deployments}/d/status`,
    contentType: merge,
    compares: "generation",
    body: { spec: { replicas: 5 }, status: { replicas: 2 } },
  },
  {
    name: "deployment labelled",
    method: "PATCH",
    path: `${deployments}/d`,
    contentType: merge,
    compares: "generation",
    body: { metadata: { labels: { x: "y" } } },
  },
  {
    name: "deployment scale",
    method: "GET",
    path: `${deployments}/d/scale`,
    compares: "generation",
  },
  {
    name: "deployment rescaled",
    method: "PATCH",
    path: `${deployments}/d/scale`,
    contentType: merge,
    body: { spec: { replicas: 4 } },
  },
  {
    name: "deployment scaled below nothing",
    method: "PATCH",
    path: `${deployments}/d/scale`,
    contentType: merge,
    compares: "reason",
    body: { spec: { replicas: -1 } },
  },
  {
    name: "deployment scale applied to what another manager has set",
    method: "PATCH",
    path: `${deployments}/d/scale?fieldManager=scaler`,
    contentType: apply,
    compares: "reason",
    body: appliedScale({ replicas: 6 }),
  },
  {
    name: "deployment scale applied as it is",
    method: "PATCH",
    path: `${deployments}/d/scale?fieldManager=scaler`,
    contentType: apply,
    body: appliedScale({ replicas: 4 }),
  },
  {
    name: "deployment scale applied without replicas",
    method: "PATCH",
    path: `${deployments}/d/scale?fieldManager=idle`,
    contentType: apply,
    body: appliedScale({}),
  },
  {
    name: "deployment scale applied by force",
    method: "PATCH",
    path: `${deployments}/d/scale?fieldManager=scaler&force=true`,
    contentType: apply,
    body: appliedScale({ replicas: 6 }),
  },
  {
    name: "deployment applied against its scaler",
    method: "PATCH",
    path: `${deployments}/d?fieldManager=other`,
    contentType: apply,
    compares: "reason",
    body: {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "d" },
      spec: { replicas: 5, selector: { matchLabels: { a: "b" } }, template },
    },
  },
  {
    name: "node with status",
    method: "POST",
    path: "/api/v1/nodes",
    compares: "generation",
    body: { metadata: { name: "n" }, status: { nodeInfo: { kubeletVersion: "v1" } } },
  },
  {
    name: "pod with status",
    method: "POST",
    path: pods,
    compares: "generation",
    body: {
      metadata: { name: "p" },
      spec: { containers: [container] },
      status: { phase: "Failed" },
    },
  },
  {
    name: "pod status",
    method: "PATCH",
    path: `${pods}/p/status`,
    contentType: merge,
    compares: "generation",
    body: { status: { phase: "Running" } },
  },
  {
    name: "namespace with status",
    method: "POST",
    path: namespaces,
    body: { metadata: { name: "own" }, status: { phase: "Terminating" } },
  },
  {
    name: "namespace deleted",
    method: "DELETE",
    path: `${namespaces}/own`,
    compares: "generation",
  },
  {
    name: "definition with status",
    method: "POST",
    path: definitions,
    compares: "generation",
    body: {
      ...definition({ names: { plural: "owned", kind: "Owned" } }),
      metadata: { name: "owned.differential.test" },
      status: { acceptedNames: { plural: "x", kind: "X" }, conditions: [], storedVersions: ["v9"] },
    },
  },
]
