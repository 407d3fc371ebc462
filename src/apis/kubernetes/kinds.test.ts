import type { ApiObject } from "#meta"
import { resolveRef, type Schema } from "#schema"
import { describe, expect, test } from "vitest"
import { definitions } from "./definitions.ts"
import { kubernetesKinds } from "./kinds.ts"
import { findMessage, findMessageOfKind } from "./messages.ts"

const now = Date.parse("2026-01-02T00:00:00Z")

function kindOf(apiVersion: string, kind: string): (typeof kubernetesKinds)[number] {
  const found = kubernetesKinds.find(
    (each) =>
      each.kind === kind &&
      (each.group === "" ? each.version : `${each.group}/${each.version}`) === apiVersion,
  )
  if (!found) throw new Error(`no kind ${apiVersion} ${kind}`)
  return found
}

/** The row of an object that was created an hour before now, as column name to cell. */
function row(object: object, apiVersion: string, kind: string): Record<string, unknown> {
  const whole = {
    apiVersion,
    kind,
    ...object,
    metadata: {
      name: "one",
      creationTimestamp: "2026-01-01T23:00:00Z",
      ...(object as Partial<ApiObject>).metadata,
    },
  }
  const { columns } = kindOf(apiVersion, kind)
  return Object.fromEntries(columns.map(({ name, cell }) => [name, cell(whole, now)]))
}

describe("the resource table", () => {
  test("knows the resources, their scope, names and subresources", () => {
    expect(kindOf("v1", "Namespace")).toMatchObject({
      plural: "namespaces",
      singular: "namespace",
      shortNames: ["ns"],
      namespaced: false,
    })
    expect(kindOf("apps/v1", "Deployment").subresources).toContainEqual({
      name: "scale",
      group: "autoscaling",
      version: "v1",
      kind: "Scale",
      verbs: ["get", "patch", "update"],
    })
    expect(kindOf("authorization.k8s.io/v1", "SelfSubjectAccessReview").verbs).toEqual(["create"])
  })

  test("every kind has a definition and a protobuf message, and so has every body of a subresource", () => {
    expect(kubernetesKinds.length).toBeGreaterThan(55)
    for (const { group, version, kind, definition } of kubernetesKinds) {
      expect(definitions, kind).toHaveProperty([definition])
      expect(findMessage(definition), kind).toBeDefined()
      expect(findMessageOfKind(group === "" ? version : `${group}/${version}`, kind)).toBe(
        findMessage(definition),
      )
    }
    for (const [apiVersion, kind] of [
      ["autoscaling/v1", "Scale"],
      ["policy/v1", "Eviction"],
      ["authentication.k8s.io/v1", "TokenRequest"],
    ] as const) {
      expect(definitions).toHaveProperty([findMessageOfKind(apiVersion, kind)?.name ?? ""])
    }
  })

  test("every kind that can be listed has columns, and only those", () => {
    for (const { kind, verbs, columns } of kubernetesKinds) {
      expect(columns.length > 0, kind).toBe(verbs.includes("list"))
    }
  })

  test("every cell of an object with nothing but a name is printable", () => {
    const object: ApiObject = { apiVersion: "v1", kind: "Any", metadata: { name: "a" } }
    for (const { kind, columns } of kubernetesKinds) {
      for (const { name, cell } of columns) {
        expect(String(cell(object, now)), `${kind} ${name}`).not.toMatch(
          /undefined|null|NaN|object/,
        )
      }
    }
  })
})

describe("the definitions", () => {
  test("are closed: every reference has its definition", () => {
    const visit = (schema: Schema): void => {
      resolveRef(schema, definitions)
      for (const member of Object.values(schema.properties ?? {})) visit(member)
      if (typeof schema.additionalProperties === "object") visit(schema.additionalProperties)
      if (schema.items) visit(schema.items as Schema)
    }
    for (const schema of Object.values(definitions)) visit(schema)
    expect(Object.keys(definitions).length).toBeGreaterThan(400)
  })

  test("carry list keys, patch keys, formats and defaults, and no sentences", () => {
    expect(definitions["io.k8s.api.core.v1.Container"]?.properties?.["ports"]).toEqual({
      type: "array",
      items: { $ref: "#/definitions/io.k8s.api.core.v1.ContainerPort" },
      "x-kubernetes-list-type": "map",
      "x-kubernetes-list-map-keys": ["containerPort", "protocol"],
      "x-kubernetes-patch-strategy": "merge",
      "x-kubernetes-patch-merge-key": "containerPort",
    })
    expect(definitions["io.k8s.api.core.v1.ContainerPort"]?.properties?.["protocol"]).toEqual({
      type: "string",
      default: "TCP",
    })
    expect(definitions["io.k8s.apimachinery.pkg.util.intstr.IntOrString"]).toEqual({
      "x-kubernetes-int-or-string": true,
    })
    for (const schema of Object.values(definitions)) {
      expect(schema.description).toBeUndefined()
      for (const member of Object.values(schema.properties ?? {})) {
        expect(member.description).toBeUndefined()
      }
    }
  })
})

describe("columns", () => {
  test("of namespaces, secrets, config maps and service accounts count what they hold", () => {
    expect(row({ status: { phase: "Active" } }, "v1", "Namespace")).toEqual({
      Name: "one",
      Status: "Active",
      Age: "60m",
    })
    expect(row({ type: "Opaque", data: { a: "", b: "" } }, "v1", "Secret")).toEqual({
      Name: "one",
      Type: "Opaque",
      Data: 2,
      Age: "60m",
    })
    expect(row({ data: { a: "" }, binaryData: { b: "" } }, "v1", "ConfigMap")).toHaveProperty(
      "Data",
      2,
    )
    expect(row({}, "v1", "ServiceAccount")).toEqual({ Name: "one", Secrets: 0, Age: "60m" })
  })

  test("of nodes show readiness, cordon, roles and addresses", () => {
    const node = {
      metadata: { labels: { "node-role.kubernetes.io/control-plane": "", other: "x" } },
      spec: { unschedulable: true },
      status: {
        conditions: [{ type: "Ready", status: "Unknown" }],
        addresses: [{ type: "InternalIP", address: "10.0.0.1" }],
        nodeInfo: { kubeletVersion: "v1.34.4", osImage: "Debian" },
      },
    }
    expect(row(node, "v1", "Node")).toEqual({
      Name: "one",
      Status: "NotReady,SchedulingDisabled",
      Roles: "control-plane",
      Age: "60m",
      Version: "v1.34.4",
      "Internal-IP": "10.0.0.1",
      "External-IP": "<none>",
      "OS-Image": "Debian",
      "Kernel-Version": "<unknown>",
      "Container-Runtime": "<unknown>",
    })
  })

  test("of an event are the same in both groups", () => {
    const core = {
      involvedObject: { kind: "Pod", name: "web", fieldPath: "spec" },
      reason: "Started",
      message: " started \n",
      type: "Normal",
      source: { component: "kubelet", host: "n1" },
      firstTimestamp: "2026-01-01T22:00:00Z",
      lastTimestamp: "2026-01-01T23:59:00Z",
      count: 3,
    }
    const expected = {
      "Last Seen": "60s",
      Type: "Normal",
      Reason: "Started",
      Object: "pod/web",
      Subobject: "spec",
      Source: "kubelet, n1",
      Message: "started",
      "First Seen": "120m",
      Count: 3,
      Name: "one",
    }
    expect(row(core, "v1", "Event")).toEqual(expected)
    const { involvedObject, message, source, firstTimestamp, lastTimestamp, count } = core
    const other = {
      regarding: involvedObject,
      note: message,
      reason: "Started",
      type: "Normal",
      deprecatedSource: source,
      deprecatedFirstTimestamp: firstTimestamp,
      deprecatedLastTimestamp: lastTimestamp,
      deprecatedCount: count,
    }
    expect(row(other, "events.k8s.io/v1", "Event")).toEqual(expected)
  })

  test("of an event series show its last observation and count", () => {
    const event = {
      eventTime: "2026-01-01T20:00:00.000000Z",
      series: { count: 7, lastObservedTime: "2026-01-01T23:00:00.000000Z" },
    }
    expect(row(event, "v1", "Event")).toMatchObject({
      "Last Seen": "60m",
      "First Seen": "4h",
      Count: 7,
    })
  })

  test("of services show addresses and ports", () => {
    const service = {
      spec: {
        type: "LoadBalancer",
        clusterIPs: ["10.96.0.1"],
        externalIPs: ["1.2.3.4"],
        selector: { b: "2", a: "1" },
        ports: [
          { port: 443, protocol: "TCP" },
          { port: 80, nodePort: 30080, protocol: "TCP" },
        ],
      },
      status: { loadBalancer: { ingress: [{ hostname: "lb" }, { ip: "5.6.7.8" }] } },
    }
    expect(row(service, "v1", "Service")).toEqual({
      Name: "one",
      Type: "LoadBalancer",
      "Cluster-IP": "10.96.0.1",
      "External-IP": "5.6.7.8,lb,1.2.3.4",
      "Port(s)": "443/TCP,80:30080/TCP",
      Age: "60m",
      Selector: "a=1,b=2",
    })
    expect(row({ spec: { type: "LoadBalancer" } }, "v1", "Service")).toMatchObject({
      "External-IP": "<pending>",
      "Port(s)": "<none>",
      Selector: "<none>",
    })
  })

  test("of workloads show replicas, containers and selectors", () => {
    const spec = {
      replicas: 3,
      selector: {
        matchLabels: { app: "web" },
        matchExpressions: [
          { key: "tier", operator: "NotIn", values: ["b", "a"] },
          { key: "ready", operator: "Exists" },
        ],
      },
      template: {
        spec: {
          containers: [
            { name: "a", image: "x" },
            { name: "b", image: "y" },
          ],
        },
      },
    }
    const status = { readyReplicas: 2, updatedReplicas: 3, availableReplicas: 1 }
    expect(row({ spec, status }, "apps/v1", "Deployment")).toEqual({
      Name: "one",
      Ready: "2/3",
      "Up-to-date": 3,
      Available: 1,
      Age: "60m",
      Containers: "a,b",
      Images: "x,y",
      Selector: "app=web,ready,tier notin (a,b)",
    })
    expect(row({ status: { succeeded: 1 } }, "batch/v1", "Job")).toMatchObject({
      Status: "Running",
      Completions: "1/1",
      Duration: "",
    })
  })

  test("of role bindings name the role and its subjects by kind", () => {
    const binding = {
      roleRef: { kind: "ClusterRole", name: "admin" },
      subjects: [
        { kind: "User", name: "jane" },
        { kind: "User", name: "joe" },
        { kind: "ServiceAccount", namespace: "ns", name: "sa" },
      ],
    }
    expect(row(binding, "rbac.authorization.k8s.io/v1", "RoleBinding")).toEqual({
      Name: "one",
      Role: "ClusterRole/admin",
      Age: "60m",
      Users: "jane, joe",
      Groups: "",
      ServiceAccounts: "ns/sa",
    })
  })

  test("of signing requests show the decision before what came of it", () => {
    const request = {
      spec: { signerName: "s", username: "u", expirationSeconds: 86_400 },
      status: { conditions: [{ type: "Approved" }], certificate: "eA==" },
    }
    expect(row(request, "certificates.k8s.io/v1", "CertificateSigningRequest")).toEqual({
      Name: "one",
      Age: "60m",
      SignerName: "s",
      Requestor: "u",
      RequestedDuration: "24h",
      Condition: "Approved,Issued",
    })
  })

  test("of ingresses show three hosts and how many rules there are beyond", () => {
    const rules = ["a", "b", "", "c", "d"].map((host) => ({ host }))
    expect(row({ spec: { rules, tls: [{}] } }, "networking.k8s.io/v1", "Ingress")).toMatchObject({
      Hosts: "a,b,c + 2 more...",
      Ports: "80, 443",
    })
    expect(row({}, "networking.k8s.io/v1", "Ingress")).toMatchObject({ Hosts: "*", Ports: "80" })
  })
})

describe("the columns of a Pod", () => {
  const pod = (object: object): Record<string, unknown> => row(object, "v1", "Pod")
  const main = { spec: { containers: [{ name: "main" }] } }

  test("show a running Pod", () => {
    const status = {
      phase: "Running",
      podIPs: [{ ip: "10.0.0.9" }],
      containerStatuses: [
        {
          name: "main",
          ready: true,
          restartCount: 2,
          state: { running: {} },
          lastState: { terminated: { finishedAt: "2026-01-01T23:30:00Z" } },
        },
      ],
    }
    expect(pod({ ...main, status })).toMatchObject({
      Ready: "1/1",
      Status: "Running",
      Restarts: "2 (30m ago)",
      IP: "10.0.0.9",
      Node: "<none>",
    })
  })

  test.each([
    [
      "a waiting container",
      { state: { waiting: { reason: "ImagePullBackOff" } } },
      "ImagePullBackOff",
    ],
    ["a failed container", { state: { terminated: { exitCode: 3 } } }, "ExitCode:3"],
    ["a killed container", { state: { terminated: { signal: 9 } } }, "Signal:9"],
    ["a finished container", { state: { terminated: { reason: "Completed" } } }, "Completed"],
  ])("show the reason of %s", (_what, container, status) => {
    const object = { ...main, status: { phase: "Pending", containerStatuses: [container] } }
    expect(pod(object)).toMatchObject({ Ready: "0/1", Status: status })
  })

  test("show how far initialization got", () => {
    const spec = { ...main.spec, initContainers: [{ name: "i" }, { name: "j" }] }
    const done = { name: "i", state: { terminated: { exitCode: 0 } } }
    const waiting = { name: "j", state: { waiting: { reason: "PodInitializing" } } }
    const status = { phase: "Pending", initContainerStatuses: [done, waiting] }
    expect(pod({ spec, status })).toHaveProperty("Status", "Init:1/2")
    const failed = { name: "j", state: { terminated: { exitCode: 1, reason: "Error" } } }
    expect(
      pod({ spec, status: { phase: "Pending", initContainerStatuses: [done, failed] } }),
    ).toHaveProperty("Status", "Init:Error")
  })

  test("count sidecars as containers", () => {
    const spec = { ...main.spec, initContainers: [{ name: "s", restartPolicy: "Always" }] }
    const status = {
      phase: "Running",
      initContainerStatuses: [{ name: "s", started: true, ready: true, state: { running: {} } }],
      containerStatuses: [{ name: "main", ready: true, state: { running: {} } }],
    }
    expect(pod({ spec, status })).toMatchObject({ Ready: "2/2", Status: "Running" })
  })

  test("show a deletion, until the Pod has ended", () => {
    const metadata = { deletionTimestamp: "2026-01-01T23:59:00Z" }
    expect(pod({ ...main, metadata, status: { phase: "Running" } })).toHaveProperty(
      "Status",
      "Terminating",
    )
    expect(pod({ ...main, metadata, status: { phase: "Succeeded" } })).toHaveProperty(
      "Status",
      "Succeeded",
    )
    const lost = { phase: "Running", reason: "NodeLost" }
    expect(pod({ ...main, metadata, status: lost })).toHaveProperty("Status", "Unknown")
  })
})

describe("field selectors", () => {
  const select = (kind: string, field: string, object: object): string | undefined =>
    kindOf("v1", kind).fieldSelectors[field]?.({ metadata: {}, ...object } as ApiObject)

  test("read the fields that upstream indexes, with its zero values", () => {
    expect(select("Pod", "spec.nodeName", { spec: { nodeName: "n" } })).toBe("n")
    expect(select("Pod", "spec.hostNetwork", {})).toBe("false")
    expect(select("Pod", "status.podIP", { status: { podIPs: [{ ip: "1.1.1.1" }] } })).toBe(
      "1.1.1.1",
    )
    expect(select("Event", "source", { reportingComponent: "c" })).toBe("c")
    expect(select("Event", "involvedObject.uid", { involvedObject: { uid: "u" } })).toBe("u")
    expect(select("Secret", "type", { type: "Opaque" })).toBe("Opaque")
    expect(select("Namespace", "metadata.name", { metadata: { name: "a" } })).toBe("a")
  })

  test("offer the namespace of namespaced kinds only, and nothing that upstream refuses", () => {
    expect(kindOf("v1", "Namespace").fieldSelectors).not.toHaveProperty(["metadata.namespace"])
    expect(kindOf("v1", "ConfigMap").fieldSelectors).toHaveProperty(["metadata.namespace"])
    expect(kindOf("v1", "ConfigMap").fieldSelectors).not.toHaveProperty(["data"])
  })
})
