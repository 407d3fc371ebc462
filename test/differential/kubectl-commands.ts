/** One kubectl command, run against both servers after the ones before it. */
export interface ComparedCommand {
  /** As in a shell, but only with plain words and single quotes. */
  readonly line: string
  readonly input?: object | undefined
  /** What an editor does to the file: a script of sed. */
  readonly edit?: string | undefined
  /** Only the exit code and the kind of error must be the same, because our words are our own. */
  readonly compares?: "reason" | undefined
}

const version = {
  name: "v1",
  served: true,
  storage: true,
  subresources: {
    status: {},
    scale: { specReplicasPath: ".spec.replicas", statusReplicasPath: ".status.replicas" },
  },
  additionalPrinterColumns: [
    { name: "Size", type: "integer", jsonPath: ".spec.size" },
    { name: "Color", type: "string", jsonPath: ".spec.color", priority: 1 },
    { name: "Age", type: "date", jsonPath: ".metadata.creationTimestamp" },
  ],
  schema: {
    openAPIV3Schema: {
      type: "object",
      properties: {
        spec: {
          type: "object",
          description: "What is wanted.",
          required: ["size"],
          properties: {
            size: { type: "integer", minimum: 1, maximum: 100, description: "How big." },
            color: { type: "string", enum: ["red", "green"] },
            replicas: { type: "integer" },
          },
        },
        status: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
      },
    },
  },
}

/** A kind that both servers serve before the first command. */
export const widgetKind = {
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: "widgets.compared.test" },
  spec: {
    group: "compared.test",
    scope: "Namespaced",
    names: { plural: "widgets", kind: "Widget", shortNames: ["wd"], categories: ["all"] },
    versions: [version, { ...version, name: "v1beta1", storage: false, deprecated: true }],
  },
}

function configMap(name: string, data: object = {}, metadata: object = {}): object {
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { name, ...metadata }, data }
}

function widget(name: string, spec: object = { size: 1 }): object {
  return { apiVersion: "compared.test/v1", kind: "Widget", metadata: { name }, spec }
}

const role = {
  apiVersion: "rbac.authorization.k8s.io/v1",
  kind: "Role",
  metadata: { name: "reconciled" },
  rules: [{ apiGroups: [""], resources: ["pods"], verbs: ["get"] }],
}

function patch(target: string, type: string, body: unknown): ComparedCommand {
  return { line: `patch ${target} --type=${type} -p '${JSON.stringify(body)}'` }
}

function secret(type: string, stringData: object): object {
  return { apiVersion: "v1", kind: "Secret", metadata: { name: "login" }, type, stringData }
}

const definitions: readonly ComparedCommand[] = [
  { line: "apply -f -", input: widgetKind },
  { line: "wait --for=condition=Established crd/widgets.compared.test --timeout=30s" },
  { line: "describe crd widgets.compared.test" },
  { line: "api-resources --api-group=compared.test -o wide" },
  { line: "api-resources --api-group=rbac.authorization.k8s.io -o wide" },
  { line: "explain widget.spec" },
  { line: "explain widget.spec.size" },
  { line: "explain widget.spec.nothing" },
  { line: "explain nothing" },
]

const objects: readonly ComparedCommand[] = [
  { line: "create namespace compared" },
  { line: "create namespace compared --dry-run=server" },
  { line: "create namespace BAD_" },
  { line: "create namespace new --dry-run=server -o yaml" },
  { line: "apply -f -", input: configMap("a", { x: "1" }) },
  { line: "apply -f -", input: configMap("a", { x: "1" }) },
  { line: "apply -f -", input: configMap("a", { x: "2" }) },
  { line: "create -f -", input: configMap("a") },
  { line: "get cm a -o yaml" },
  { line: "get cm a nothing" },
  { line: "get nothing" },
  { line: "get cm/a --show-labels -L x" },
  { line: "get cm a -o yaml --show-managed-fields" },
  { line: "describe cm a" },
  { line: "apply -f -", input: configMap("UPPER") },
  { line: "apply -n nowhere -f -", input: configMap("a") },
  { line: "apply -f -", input: configMap("a", { "a b": "1" }) },
  { line: "apply -f -", input: { ...configMap("a"), date: {} }, compares: "reason" },
  { line: "apply -f -", input: { ...configMap("a"), kind: "Nothing" } },
  { line: "apply -f -", input: configMap("b", { a: 1 }), compares: "reason" },
  { line: "apply -f -", input: widget("w1", { size: 3, color: "red" }) },
  { line: "apply -f -", input: widget("bad", { size: 0 }) },
  { line: "apply -f -", input: widget("bad", { size: "x" }) },
  { line: "apply -f -", input: widget("bad", { color: "blue" }) },
  { line: "apply -f -", input: widget("bad", { size: 2, replicas: -1 }) },
  { line: "apply -f -", input: widget("bad", { size: 2, replicas: 3_000_000_000 }) },
  { line: "apply -f -", input: widget("bad", { size: 2, nothing: 1 }) },
  { line: "apply --validate=warn -f -", input: widget("w2", { size: 2, nothing: 1 }) },
  { line: "get wd" },
  { line: "get wd -o wide" },
  { line: "get wd w1 -o yaml" },
  { line: "get widgets.v2.compared.test" },
  { line: "get widgets.v1beta1.compared.test w1" },
  { line: "create secret generic empty --from-literal=none=" },
  { line: "create -f -", input: configMap("bare", { none: null }, { labels: { bare: null } }) },
  { line: "get cm/bare secret/empty -o jsonpath={.items[*].data}{.items[*].metadata.labels}" },
  { line: "create -f -", input: secret("kubernetes.io/basic-auth", {}) },
  { line: "create -f -", input: secret("kubernetes.io/tls", { "tls.crt": "a" }) },
  { line: "create -f -", input: secret("kubernetes.io/service-account-token", {}) },
  {
    line: "create -f -",
    input: secret("kubernetes.io/dockerconfigjson", { ".dockerconfigjson": "{" }),
    compares: "reason",
  },
  { line: "get wd --field-selector=spec.size=3", compares: "reason" },
  { line: "delete cm nothing" },
  { line: "delete cm nothing --ignore-not-found" },
  { line: "delete cm a --dry-run=server" },
  { line: "delete wd w2 --wait=false" },
]

const patches: readonly ComparedCommand[] = [
  patch("wd w1", "merge", { spec: { size: 4 } }),
  patch("wd w1", "merge", { spec: { size: 1000, color: "blue" } }),
  patch("wd w1", "merge", { spec: { nothing: 1 } }),
  patch("wd w1", "strategic", {}),
  patch("wd w1", "json", [{ op: "replace", path: "/spec/size", value: 5 }]),
  { ...patch("wd w1", "json", [{ op: "remove", path: "/spec/none" }]), compares: "reason" },
  patch("cm a", "strategic", { data: { x: null, y: "1" } }),
  { ...patch("cm a", "strategic", { data: { y: 1 } }), compares: "reason" },
  { ...patch("cm a", "merge", { data: { y: [] } }), compares: "reason" },
  { ...patch("cm a", "strategic", { metadata: { labels: { a: 1 } } }), compares: "reason" },
  { ...patch("cm a", "json", [{ op: "add", path: "/data/y", value: 1 }]), compares: "reason" },
  { ...patch("wd w1", "merge", { kind: "Other" }), compares: "reason" },
  { ...patch("wd w1", "merge", { apiVersion: "compared.test/v2" }), compares: "reason" },
  patch("wd w1", "merge", { metadata: null }),
  patch("cm a", "json", [{ op: "remove", path: "/metadata/name" }]),
  patch("cm a", "merge", { metadata: { resourceVersion: "1" } }),
  patch("cm a", "merge", { metadata: { name: "b" } }),
  patch("cm a", "merge", { metadata: { labels: { "bad key!": "x" } } }),
  patch("cm a", "merge", { immutable: true }),
  patch("cm a", "merge", { data: { z: "2" } }),
  { line: "label cm a t=1" },
  { line: "label cm a t=2" },
  { line: "label cm a t=2 --overwrite --resource-version=1" },
  { line: "label cm a t-" },
  { line: "annotate cm a 'b@d=1'" },
  { line: "replace -f -", input: configMap("nothing") },
  { line: "replace -f -", input: configMap("a", {}, { resourceVersion: "1" }) },
  { line: "edit cm a", edit: "s/  y: .*/  y: [1]/", compares: "reason" },
  { line: "delete cm a" },
]

const finalizer = "compared.test/held"

const deletions: readonly ComparedCommand[] = [
  { line: "create -f -", input: configMap("held", {}, { finalizers: [finalizer] }) },
  { line: "delete cm held --wait=false" },
  { line: "delete cm held --wait=false" },
  { line: "create -f -", input: configMap("held") },
  { line: "apply --server-side -f -", input: configMap("held", { a: "1" }) },
  patch("cm held", "merge", { metadata: { finalizers: [] } }),
  { line: "get cm held" },
  { line: "create namespace leaving" },
  { line: "create -n leaving -f -", input: configMap("held", {}, { finalizers: [finalizer] }) },
  { line: "delete namespace leaving --wait=false" },
  { line: "create cm late -n leaving" },
]

const scales: readonly ComparedCommand[] = [
  { line: "scale wd w1 --replicas=3" },
  { line: "scale wd w1 --replicas=4 --current-replicas=2" },
  { line: "get wd w1 --subresource=scale" },
  { line: "get wd w1 --subresource=scale -o yaml" },
  { line: "get wd w1 --subresource=status" },
  { line: "scale cm kube-root-ca.crt --replicas=4", compares: "reason" },
  { line: `patch wd w1 --subresource=scale --type=merge -p '{"spec":{"replicas":-1}}'` },
  { line: "create deployment d --image=i --replicas=2" },
  { line: "get deployment d --subresource=scale" },
  { line: `patch deployment d --subresource=scale --type=merge -p '{"spec":{"replicas":-1}}'` },
]

const serverSide: readonly ComparedCommand[] = [
  { line: "apply --server-side -f -", input: configMap("s", { a: "1", b: "1" }) },
  { line: "apply --server-side --field-manager=two -f -", input: configMap("s", { a: "2" }) },
  { line: "apply -f -", input: configMap("s", { a: "3" }) },
  { line: "apply --server-side -f -", input: configMap("s", { a: "4" }) },
  { line: "diff --server-side -f -", input: configMap("BAD") },
  {
    line: "apply --server-side -f -",
    input: configMap("new", { a: "1" }, { resourceVersion: "1" }),
  },
  { line: "apply --server-side -f -", input: configMap("new", {}, { uid: "other" }) },
  { line: "apply --server-side --dry-run=server -f -", input: configMap("dry", { a: "4" }) },
  { line: "get cm dry" },
]

const waits: readonly ComparedCommand[] = [
  { line: "wait wd/w1 --for=jsonpath={.spec.size}=5 --timeout=30s" },
  { line: "wait wd/w1 --for=condition=Fine --timeout=1s" },
  { line: "wait wd/nothing --for=condition=Fine --timeout=1s" },
  { line: "wait wd/nothing --for=delete --timeout=1s" },
  // What it says depends on what it was doing when its time was up.
  { line: "wait wd/nothing --for=create --timeout=1s", compares: "reason" },
  { line: "wait wd -l a=b --for=condition=Fine --timeout=1s" },
]

const access: readonly ComparedCommand[] = [
  { line: "create role r --verb=get,list --resource=pods,deployments.apps --resource-name=a" },
  { line: "create role r --verb=get --resource=nothing" },
  { line: "describe role r" },
  { line: "create rolebinding b --role=r --user=u" },
  { line: "get rolebinding -o wide" },
  { line: "auth reconcile -f -", input: role },
  { line: "auth can-i get pods --as=u" },
  { line: "auth can-i get pods/a --as=u" },
  { line: "auth can-i get nothing --as=u" },
  { line: "auth can-i --list --as=nobody" },
  { line: "auth whoami -o yaml --as=u --as-group=g --as-uid=1" },
  { line: "get cm --as=nobody" },
  { line: "get cm a --as=nobody" },
  { line: "get nodes --as=nobody" },
  { line: "create cm c --as=nobody" },
  { line: "get --raw /metrics --as=nobody" },
  { line: "create role more --verb=* --resource=pods --as=u" },
  { line: "create role roles --verb=create --resource=roles,rolebindings" },
  { line: "create rolebinding roles --role=roles --user=u" },
  { line: "create role pods --verb=get,list --resource=pods,secrets --as=u" },
  { line: "create rolebinding pods --clusterrole=nothing --user=u --as=u", compares: "reason" },
  { line: "create rolebinding lost1 --role=missing1 --user=lost" },
  { line: "get pods --as=lost" },
  { line: "auth can-i get pods --as=lost" },
  { line: "create clusterrolebinding lost2 --clusterrole=missing2 --user=lost" },
  { line: "get pods --as=lost" },
  { line: "get nodes --as=lost" },
  { line: "get --raw /metrics --as=lost" },
  { line: "create sa robot" },
  { line: "create token robot --duration=1s" },
  { line: "create token nobody" },
]

const raw: readonly ComparedCommand[] = [
  { line: "get --raw /healthz" },
  { line: "get --raw /nothing" },
  { line: "get --raw /apis/nothing/v1" },
  { line: "get --raw /api/v1/namespaces/compared/configmaps/nothing" },
  { line: "delete --raw /api/v1/namespaces/compared/configmaps/nothing" },
  { line: "cluster-info" },
  { line: "events" },
  { line: "events --for=cm/nothing" },
]

/** By subject; in this order, each in the order of its commands. */
export const comparedCommands: Readonly<Record<string, readonly ComparedCommand[]>> = {
  definitions,
  objects,
  patches,
  deletions,
  scales,
  "server-side apply": serverSide,
  waits,
  access,
  raw,
}
