import { applyObject, create, forced, merge, strategic, type Part, type Sequence } from "./steps.ts"

export const configMapSequences: readonly Sequence[] = [
  {
    name: "data by apply, update and patch",
    steps: [
      applyObject("one", { data: { a: "1", b: "1" } }),
      strategic("editor", { data: { a: "2", c: "1" } }),
      applyObject("one", { data: { a: "1" } }),
      applyObject("one", { data: { a: "1" } }, forced),
      applyObject("one", {}),
      strategic("editor", { data: null }),
    ],
  },
  {
    name: "without managedFields, then applied",
    steps: [
      create("one", { data: { a: "1" }, metadata: { labels: { x: "1" } } }),
      merge("one", { metadata: { managedFields: [] } }),
      applyObject("two", { data: { a: "2" } }),
      applyObject("two", { data: { a: "2" } }, forced),
    ],
  },
  {
    name: "kubectl moves from the client's side to the server's",
    steps: [
      create("kubectl-client-side-apply", {
        data: { a: "1", b: "1" },
        metadata: {
          annotations: {
            "kubectl.kubernetes.io/last-applied-configuration":
              '{"apiVersion":"v1","kind":"ConfigMap","data":{"a":"1","b":"1"},"metadata":{"annotations":{},"name":"x","namespace":"default"}}\n',
          },
        },
      }),
      applyObject("other", { data: { a: "2" } }),
      applyObject("kubectl", { data: { a: "2" } }),
      applyObject("kubectl", { data: { a: "<&>" } }),
    ],
  },
  {
    name: "finalizers by strategic patch",
    steps: [
      create("one", { metadata: { finalizers: ["x.test/a"] } }),
      strategic("two", { metadata: { finalizers: ["x.test/b"] } }),
      strategic("two", { metadata: { "$deleteFromPrimitiveList/finalizers": ["x.test/a"] } }),
      strategic("two", {
        metadata: {
          finalizers: ["x.test/c"],
          "$setElementOrder/finalizers": ["x.test/c", "x.test/b"],
        },
      }),
      strategic("two", { metadata: { finalizers: null } }),
    ],
  },
]

const container = (name: string, more: Part = {}): Part => ({ name, image: `${name}:1`, ...more })

function deployment(containers: readonly Part[], more: Part = {}): Part {
  return {
    spec: {
      selector: { matchLabels: { app: "x" } },
      template: { metadata: { labels: { app: "x" } }, spec: { containers, ...more } },
    },
  }
}

const podSpec = (body: Part): Part => ({ spec: { template: { spec: body } } })

export const deploymentSequences: readonly Sequence[] = [
  {
    name: "containers by apply",
    steps: [
      applyObject(
        "one",
        deployment([container("a", { ports: [{ containerPort: 80 }] }), container("b")]),
      ),
      applyObject("two", deployment([{ name: "a", env: [{ name: "X", value: "1" }] }])),
      applyObject("two", deployment([{ name: "a", image: "c:2" }])),
      applyObject("two", deployment([{ name: "a", image: "c:2" }]), forced),
      applyObject("one", deployment([container("b")])),
      applyObject("one", { spec: { replicas: 3 } }),
    ],
  },
  {
    name: "created, scaled, rolled",
    steps: [
      create("kubectl", deployment([container("a", { resources: { limits: { cpu: "1" } } })])),
      strategic("scaler", { spec: { replicas: 5 } }),
      strategic("deployer", podSpec({ containers: [{ name: "a", image: "a:2" }] })),
      merge(
        "status",
        { status: { replicas: 5, conditions: [{ type: "Available", status: "True" }] } },
        { subresource: "status" },
      ),
      applyObject("one", { spec: { replicas: 2 } }),
      applyObject("one", { spec: { replicas: 5 } }),
    ],
  },
  {
    name: "strategic patches of lists",
    steps: [
      create(
        "one",
        deployment(
          [
            container("a", {
              env: [
                { name: "X", value: "1" },
                { name: "Y", value: "1" },
              ],
            }),
            container("b"),
          ],
          {
            tolerations: [{ key: "k", operator: "Exists" }],
            volumes: [{ name: "v", emptyDir: {} }],
          },
        ),
      ),
      strategic(
        "two",
        podSpec({
          containers: [
            {
              name: "a",
              env: [
                { name: "X", $patch: "delete" },
                { name: "Z", value: "1" },
              ],
            },
          ],
        }),
      ),
      strategic(
        "two",
        podSpec({
          containers: [{ name: "c", image: "c:1" }],
          "$setElementOrder/containers": [{ name: "c" }, { name: "b" }, { name: "a" }],
        }),
      ),
      strategic("two", podSpec({ containers: [{ name: "b", $patch: "delete" }] })),
      strategic("two", podSpec({ tolerations: [{ key: "other", operator: "Exists" }] })),
      strategic(
        "two",
        podSpec({
          volumes: [{ name: "v", $retainKeys: ["name", "configMap"], configMap: { name: "x" } }],
        }),
      ),
      strategic("two", { spec: { strategy: { $retainKeys: ["type"], type: "Recreate" } } }),
      strategic("two", podSpec({ containers: [{ image: "no-name" }] })),
      strategic(
        "two",
        podSpec({ containers: [{ $patch: "replace" }, { name: "d", image: "d:1" }] }),
      ),
    ],
  },
]
