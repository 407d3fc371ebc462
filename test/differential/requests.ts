import { definitionRequests, kindRequests, ownershipRequests } from "./kind-requests.ts"

/** One request, sent to both servers after the ones before it. */
export interface ComparedRequest {
  readonly name: string
  readonly method: string
  readonly path: string
  readonly body?: unknown
  readonly contentType?: string | undefined
  /**
   * `reason`: of an error only code and reason must be the same, because our words are our own.
   * `generation`: of an object, only that, and the status (without its times).
   */
  readonly compares?: "generation" | "reason" | undefined
}

/** A custom kind that both servers serve. */
export const comparedDefinition = {
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: "widgets.differential.test" },
  spec: {
    group: "differential.test",
    scope: "Namespaced",
    names: { plural: "widgets", kind: "Widget" },
    versions: [
      {
        name: "v1",
        served: true,
        storage: true,
        schema: {
          openAPIV3Schema: {
            type: "object",
            properties: {
              spec: {
                type: "object",
                properties: { text: { type: "string" }, number: { type: "integer", minimum: 1 } },
              },
            },
          },
        },
      },
    ],
  },
}

const configMaps = "/api/v1/namespaces/default/configmaps"
const widgets = "/apis/differential.test/v1/namespaces/default/widgets"

const merge = "application/merge-patch+json"
const json = "application/json-patch+json"
const strategic = "application/strategic-merge-patch+json"
const apply = "application/apply-patch+yaml"

function configMap(name: string, more: object = {}): object {
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { name }, ...more }
}

function widget(name: string, spec: object = {}): object {
  return { apiVersion: "differential.test/v1", kind: "Widget", metadata: { name }, spec }
}

const objects: readonly ComparedRequest[] = [
  { name: "create", method: "POST", path: configMaps, body: configMap("a", { data: { k: "v" } }) },
  { name: "create again", method: "POST", path: configMaps, body: configMap("a") },
  { name: "get", method: "GET", path: `${configMaps}/a` },
  { name: "get missing", method: "GET", path: `${configMaps}/missing` },
  { name: "get missing custom", method: "GET", path: `${widgets}/missing` },
  { name: "delete missing", method: "DELETE", path: `${configMaps}/missing` },
  { name: "put missing", method: "PUT", path: `${configMaps}/missing`, body: configMap("missing") },
  { name: "unknown resource", method: "GET", path: "/api/v1/namespaces/default/gizmos" },
  {
    name: "missing namespace",
    method: "POST",
    path: "/api/v1/namespaces/no/configmaps",
    body: configMap("a"),
  },
  { name: "no name", method: "POST", path: configMaps, body: { metadata: {} } },
  { name: "bad name", method: "POST", path: configMaps, body: configMap("A_b") },
  { name: "long name", method: "POST", path: configMaps, body: configMap("a".repeat(254)) },
  {
    name: "bad namespace name",
    method: "POST",
    path: "/api/v1/namespaces",
    body: { metadata: { name: "a.b" } },
  },
  {
    name: "bad label key",
    method: "POST",
    path: configMaps,
    body: configMap("l", { metadata: { name: "l", labels: { "a b": "x" } } }),
  },
  {
    name: "bad label value",
    method: "POST",
    path: configMaps,
    body: configMap("l", { metadata: { name: "l", labels: { a: "x y" } } }),
  },
  {
    name: "long label value",
    method: "POST",
    path: configMaps,
    body: configMap("l", { metadata: { name: "l", labels: { a: "x".repeat(64) } } }),
  },
  {
    name: "bad annotation key",
    method: "POST",
    path: configMaps,
    body: configMap("l", { metadata: { name: "l", annotations: { "a b": "x" } } }),
  },
  {
    name: "bad finalizer",
    method: "POST",
    path: configMaps,
    body: configMap("l", { metadata: { name: "l", finalizers: ["a b"] } }),
  },
  {
    name: "unqualified finalizer",
    method: "POST",
    path: configMaps,
    body: configMap("l", { metadata: { name: "l", finalizers: ["hold"] } }),
  },
  {
    name: "half an owner",
    method: "POST",
    path: configMaps,
    body: configMap("l", {
      metadata: {
        name: "l",
        ownerReferences: [{ apiVersion: "v1", kind: "X", name: "", uid: "" }],
      },
    }),
  },
  {
    name: "two controllers",
    compares: "reason",
    method: "POST",
    path: configMaps,
    body: configMap("l", {
      metadata: {
        name: "l",
        ownerReferences: ["a", "b"].map((uid) => ({
          apiVersion: "v1",
          kind: "X",
          name: uid,
          uid,
          controller: true,
        })),
      },
    }),
  },
  {
    name: "wrong kind",
    compares: "reason",
    method: "POST",
    path: configMaps,
    body: configMap("a", { kind: "Secret" }),
  },
  {
    name: "wrong version",
    method: "POST",
    path: widgets,
    body: { ...widget("a"), apiVersion: "differential.test/v2" },
  },
  {
    name: "no kind",
    compares: "reason",
    method: "POST",
    path: widgets,
    body: { ...widget("a"), kind: undefined },
  },
  {
    name: "other namespace",
    method: "POST",
    path: configMaps,
    body: configMap("a", { metadata: { name: "a", namespace: "other" } }),
  },
  { name: "other name", method: "PUT", path: `${configMaps}/a`, body: configMap("b") },
  {
    name: "resource version on create",
    method: "POST",
    path: configMaps,
    body: configMap("rv", { metadata: { name: "rv", resourceVersion: "5" } }),
  },
  {
    name: "stale put",
    method: "PUT",
    path: `${configMaps}/a`,
    body: configMap("a", { metadata: { name: "a", resourceVersion: "1" } }),
  },
  {
    name: "stale patch",
    method: "PATCH",
    path: `${configMaps}/a`,
    contentType: merge,
    body: { metadata: { resourceVersion: "1" } },
  },
  {
    name: "other uid",
    compares: "reason",
    method: "PUT",
    path: `${configMaps}/a`,
    body: configMap("a", { metadata: { name: "a", uid: "other" } }),
  },
  {
    name: "delete other uid",
    method: "DELETE",
    path: `${configMaps}/a`,
    body: { preconditions: { uid: "other" } },
  },
  {
    name: "custom put without version",
    method: "PUT",
    path: `${widgets}/missing`,
    body: widget("missing"),
  },
  {
    name: "unknown field strict",
    method: "POST",
    path: `${configMaps}?fieldValidation=Strict`,
    body: configMap("s", { foo: 1, data: { a: "b" } }),
  },
  {
    name: "duplicate field strict",
    method: "POST",
    path: `${configMaps}?fieldValidation=Strict`,
    body: '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"s"},"data":{"a":"1","a":"2"}}',
  },
  {
    name: "unknown custom field strict",
    method: "POST",
    path: `${widgets}?fieldValidation=Strict`,
    body: { ...widget("s", { foo: 1 }), bar: 2 },
  },
  {
    name: "wrong type",
    compares: "reason",
    method: "POST",
    path: configMaps,
    body: configMap("t", { data: { a: 1 } }),
  },
  { name: "wrong custom type", method: "POST", path: widgets, body: widget("t", { number: "x" }) },
  { name: "broken JSON", compares: "reason", method: "POST", path: configMaps, body: "{" },
  { name: "a list for an object", compares: "reason", method: "POST", path: configMaps, body: [] },
  {
    name: "bad fieldValidation",
    method: "POST",
    path: `${configMaps}?fieldValidation=Maybe`,
    body: configMap("v"),
  },
  { name: "bad dryRun", method: "POST", path: `${configMaps}?dryRun=Some`, body: configMap("v") },
  { name: "dry run", method: "POST", path: `${configMaps}?dryRun=All`, body: configMap("v") },
  {
    name: "long manager",
    method: "POST",
    path: `${configMaps}?fieldManager=${"m".repeat(129)}`,
    body: configMap("v"),
  },
  {
    name: "bad data key",
    method: "POST",
    path: configMaps,
    body: configMap("d", { data: { "a b": "x" } }),
  },
  { name: "post everywhere", method: "POST", path: "/api/v1/configmaps", body: configMap("v") },
  { name: "delete everywhere", method: "DELETE", path: "/api/v1/configmaps" },
  { name: "delete all namespaces", method: "DELETE", path: "/api/v1/namespaces" },
  { name: "delete kube-system", method: "DELETE", path: "/api/v1/namespaces/kube-system" },
  { name: "delete", method: "DELETE", path: `${configMaps}/a` },
]

const reads: readonly ComparedRequest[] = [
  {
    name: "bad label selector",
    compares: "reason",
    method: "GET",
    path: `${configMaps}?labelSelector=a%3D%3D%3Db`,
  },
  { name: "bad field selector", method: "GET", path: `${configMaps}?fieldSelector=data.k%3Dv` },
  { name: "bad custom field selector", method: "GET", path: `${widgets}?fieldSelector=spec.x%3Dv` },
  {
    name: "bad continue",
    compares: "reason",
    method: "GET",
    path: `${configMaps}?continue=nonsense`,
  },
  {
    name: "match without version",
    method: "GET",
    path: `${configMaps}?resourceVersionMatch=Exact`,
  },
  {
    name: "exact zero",
    method: "GET",
    path: `${configMaps}?resourceVersion=0&resourceVersionMatch=Exact`,
  },
  {
    name: "unknown match",
    method: "GET",
    path: `${configMaps}?resourceVersion=1&resourceVersionMatch=Some`,
  },
  { name: "list with initial events", method: "GET", path: `${configMaps}?sendInitialEvents=true` },
  {
    name: "watch initial events without match",
    method: "GET",
    path: `${configMaps}?watch=1&sendInitialEvents=true`,
  },
  {
    name: "watch with match",
    method: "GET",
    path: `${configMaps}?watch=1&resourceVersionMatch=NotOlderThan`,
  },
  { name: "negative limit", method: "GET", path: `${configMaps}?limit=-1` },
  { name: "unknown group", method: "GET", path: "/apis/nothing.test/v1/things" },
  { name: "unknown path", method: "GET", path: "/nothing" },
]

const patches: readonly ComparedRequest[] = [
  { name: "create", method: "POST", path: configMaps, body: configMap("p", { data: { a: "1" } }) },
  { name: "create widget", method: "POST", path: widgets, body: widget("p", { text: "a" }) },
  {
    name: "wrong type",
    compares: "reason",
    method: "PATCH",
    path: `${configMaps}/p`,
    contentType: "application/json",
    body: {},
  },
  {
    name: "strategic on custom",
    method: "PATCH",
    path: `${widgets}/p`,
    contentType: strategic,
    body: {},
  },
  {
    name: "json test",
    compares: "reason",
    method: "PATCH",
    path: `${configMaps}/p`,
    contentType: json,
    body: [{ op: "test", path: "/data/a", value: "2" }],
  },
  {
    name: "json remove missing",
    compares: "reason",
    method: "PATCH",
    path: `${configMaps}/p`,
    contentType: json,
    body: [{ op: "remove", path: "/data/zz" }],
  },
  {
    name: "json unknown op",
    compares: "reason",
    method: "PATCH",
    path: `${configMaps}/p`,
    contentType: json,
    body: [{ op: "fly", path: "/data" }],
  },
  {
    name: "json not a list",
    compares: "reason",
    method: "PATCH",
    path: `${configMaps}/p`,
    contentType: json,
    body: {},
  },
  {
    name: "merge not an object",
    compares: "reason",
    method: "PATCH",
    path: `${configMaps}/p`,
    contentType: merge,
    body: "[]",
  },
  {
    name: "merge broken",
    compares: "reason",
    method: "PATCH",
    path: `${configMaps}/p`,
    contentType: merge,
    body: "{",
  },
  {
    name: "force",
    method: "PATCH",
    path: `${configMaps}/p?force=true`,
    contentType: merge,
    body: {},
  },
  {
    name: "apply nameless manager",
    method: "PATCH",
    path: `${configMaps}/p`,
    contentType: apply,
    body: configMap("p"),
  },
  {
    name: "apply unknown field",
    method: "PATCH",
    path: `${configMaps}/p?fieldManager=x`,
    contentType: apply,
    body: configMap("p", { foo: 1 }),
  },
  {
    name: "apply wrong type",
    method: "PATCH",
    path: `${configMaps}/p?fieldManager=x`,
    contentType: apply,
    body: configMap("p", { data: 3 }),
  },
  {
    name: "apply conflict",
    method: "PATCH",
    path: `${configMaps}/p?fieldManager=x`,
    contentType: apply,
    body: configMap("p", { data: { a: "2" } }),
  },
  {
    name: "apply no kind",
    compares: "reason",
    method: "PATCH",
    path: `${configMaps}/p?fieldManager=x`,
    contentType: apply,
    body: { metadata: { name: "p" } },
  },
  {
    name: "apply managed fields",
    method: "PATCH",
    path: `${configMaps}/p?fieldManager=x`,
    contentType: apply,
    body: configMap("p", { metadata: { name: "p", managedFields: [{ manager: "x" }] } }),
  },
  {
    name: "apply uid on create",
    method: "PATCH",
    path: `${configMaps}/new?fieldManager=x`,
    contentType: apply,
    body: configMap("new", { metadata: { name: "new", uid: "u" } }),
  },
  {
    name: "apply unknown custom field",
    method: "PATCH",
    path: `${widgets}/p?fieldManager=x`,
    contentType: apply,
    body: widget("p", { foo: 1 }),
  },
  {
    name: "apply new widget",
    method: "PATCH",
    path: `${widgets}/n?fieldManager=x`,
    contentType: apply,
    body: widget("n", { text: "b" }),
  },
  {
    name: "rename",
    method: "PATCH",
    path: `${configMaps}/p`,
    contentType: merge,
    body: { metadata: { name: "q" } },
  },
  {
    name: "patch namespace",
    method: "PATCH",
    path: `${configMaps}/p`,
    contentType: merge,
    body: { metadata: { namespace: "q" } },
  },
  {
    name: "patch uid",
    compares: "reason",
    method: "PATCH",
    path: `${configMaps}/p`,
    contentType: merge,
    body: { metadata: { uid: "q" } },
  },
  {
    name: "patch kind",
    compares: "reason",
    method: "PATCH",
    path: `${configMaps}/p`,
    contentType: merge,
    body: { kind: "Secret" },
  },
  { name: "status without subresource", method: "GET", path: `${configMaps}/p/status` },
  {
    name: "scale without subresource",
    compares: "reason",
    method: "GET",
    path: `${widgets}/p/scale`,
  },
  {
    name: "patch missing",
    method: "PATCH",
    path: `${configMaps}/zz`,
    contentType: merge,
    body: {},
  },
]

/** By subject; each group runs in order. */
export const comparedRequests: Readonly<Record<string, readonly ComparedRequest[]>> = {
  objects,
  reads,
  patches,
  kinds: kindRequests,
  definitions: definitionRequests,
  ownership: ownershipRequests,
}
