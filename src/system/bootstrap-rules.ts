import type { PolicyRule } from "#apis"

const read = ["get", "list", "watch"]
const write = ["create", "delete", "deletecollection", "patch", "update"]

/** What runs in a namespace: editors write it, viewers see it. */
const workloads: readonly { readonly group: string; readonly resources: readonly string[] }[] = [
  {
    group: "",
    resources: [
      "configmaps",
      "persistentvolumeclaims",
      "pods",
      "replicationcontrollers",
      "replicationcontrollers/scale",
      "serviceaccounts",
      "services",
    ],
  },
  {
    group: "apps",
    resources: [
      "daemonsets",
      "deployments",
      "deployments/scale",
      "replicasets",
      "replicasets/scale",
      "statefulsets",
      "statefulsets/scale",
    ],
  },
  { group: "batch", resources: ["cronjobs", "jobs"] },
  { group: "networking.k8s.io", resources: ["ingresses", "networkpolicies"] },
  { group: "policy", resources: ["poddisruptionbudgets"] },
]

/** What follows from the rest and is only looked at. */
const seenOnly: readonly { readonly group: string; readonly resources: readonly string[] }[] = [
  {
    group: "",
    resources: [
      "bindings",
      "endpoints",
      "events",
      "limitranges",
      "namespaces",
      "namespaces/status",
      "persistentvolumeclaims/status",
      "pods/log",
      "pods/status",
      "replicationcontrollers/status",
      "resourcequotas",
      "resourcequotas/status",
      "services/status",
    ],
  },
  {
    group: "apps",
    resources: [
      "controllerrevisions",
      "daemonsets/status",
      "deployments/status",
      "replicasets/status",
      "statefulsets/status",
    ],
  },
  { group: "batch", resources: ["cronjobs/status", "jobs/status"] },
  { group: "discovery.k8s.io", resources: ["endpointslices"] },
  { group: "networking.k8s.io", resources: ["ingresses/status"] },
  { group: "policy", resources: ["poddisruptionbudgets/status"] },
]

function rulesFor(
  resources: readonly { readonly group: string; readonly resources: readonly string[] }[],
  verbs: readonly string[],
): readonly PolicyRule[] {
  return resources.map(({ group, resources }) => ({ apiGroups: [group], resources, verbs }))
}

/** Sees everything in a namespace that is no secret and grants nothing. */
export const viewRules: readonly PolicyRule[] = [
  ...rulesFor(workloads, read),
  ...rulesFor(seenOnly, read),
]

/** Changes what runs in a namespace: secrets and the identity of service accounts included. */
export const editRules: readonly PolicyRule[] = [
  ...rulesFor(workloads, write),
  { apiGroups: [""], resources: ["secrets"], verbs: [...read, ...write] },
  { apiGroups: [""], resources: ["serviceaccounts"], verbs: ["impersonate"] },
  { apiGroups: [""], resources: ["serviceaccounts/token"], verbs: ["create"] },
  { apiGroups: [""], resources: ["pods/eviction"], verbs: ["create"] },
  {
    apiGroups: [""],
    resources: ["pods/attach", "pods/exec", "pods/portforward", "pods/proxy", "services/proxy"],
    verbs: [...read, ...write],
  },
  { apiGroups: [""], resources: ["events"], verbs: write },
  { apiGroups: ["coordination.k8s.io"], resources: ["leases"], verbs: [...read, ...write] },
]

/** Hands out rights inside a namespace. */
export const adminRules: readonly PolicyRule[] = [
  {
    apiGroups: ["rbac.authorization.k8s.io"],
    resources: ["rolebindings", "roles"],
    verbs: [...read, ...write],
  },
  {
    apiGroups: ["authorization.k8s.io"],
    resources: ["localsubjectaccessreviews"],
    verbs: ["create"],
  },
]
