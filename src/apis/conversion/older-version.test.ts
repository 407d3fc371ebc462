import { describe, expect, test } from "vitest"
import { deepFreeze } from "#base"
import type { ConvertibleObject, Kind, VersionConversion } from "#meta"
import { KubeadmConfigKind } from "../bootstrap/kubeadm-config.kind.ts"
import { ClusterKind } from "../cluster/cluster.kind.ts"
import { MachineDeploymentKind } from "../cluster/machine-deployment.kind.ts"
import { MachineKind } from "../cluster/machine.kind.ts"
import { RemoteMachineKind } from "../infrastructure/remote-machine.kind.ts"
import { ConversionError } from "./error.ts"
import { conversionDataAnnotation } from "./version-conversion.ts"

const resolve = (group: string) => (group === "infra.example.com" ? "v2" : undefined)

function conversionOf(kind: Kind): VersionConversion {
  const conversion = kind.versions.find(({ name }) => name === "v1beta1")?.conversion
  if (!conversion) throw new Error(`${kind.kind} has no v1beta1`)
  return conversion
}

function toHub(kind: Kind, content: object): ConvertibleObject {
  const metadata = { name: "sample", namespace: "default" }
  const apiVersion = `${kind.group}/v1beta1`
  const object = deepFreeze({ apiVersion, kind: kind.kind, metadata, ...content })
  return conversionOf(kind).toHub(object, resolve)
}

function fromHub(kind: Kind, content: object): ConvertibleObject {
  const metadata = { name: "sample", namespace: "default" }
  const apiVersion = `${kind.group}/v1beta2`
  const object = deepFreeze({ apiVersion, kind: kind.kind, metadata, ...content })
  return conversionOf(kind).fromHub(object, resolve)
}

/** The object with its spec changed by a client of v1beta1, back in the hub. */
function edited(kind: Kind, hub: object, edit: (spec: Record<string, unknown>) => object) {
  const old = fromHub(kind, hub)
  const spec = edit(structuredClone(old.spec) as Record<string, unknown>)
  return conversionOf(kind).toHub(deepFreeze({ ...old, spec }), resolve)
}

describe("Cluster", () => {
  test("references lose version, namespace and uid, and get back the served version", () => {
    const { spec } = toHub(ClusterKind, {
      spec: {
        infrastructureRef: {
          apiVersion: "infra.example.com/v1",
          kind: "Rack",
          namespace: "default",
          name: "r",
          uid: "u",
        },
      },
    })
    expect(spec).toEqual({
      infrastructureRef: { apiGroup: "infra.example.com", kind: "Rack", name: "r" },
    })
    expect(fromHub(ClusterKind, { spec }).spec).toEqual({
      infrastructureRef: {
        apiVersion: "infra.example.com/v2",
        kind: "Rack",
        namespace: "default",
        name: "r",
      },
    })
  })

  test("a reference to a kind without a CRD is still readable", () => {
    const spec = { controlPlaneRef: { apiGroup: "gone.example.com", kind: "Gone", name: "g" } }
    expect(fromHub(ClusterKind, { spec }).spec).toMatchObject({
      controlPlaneRef: { apiVersion: "gone.example.com/v1beta1" },
    })
  })

  test("failure domains are a map in v1beta1 and a sorted list in the hub", () => {
    const failureDomains = { west: { controlPlane: true }, east: { attributes: { zone: "1" } } }
    expect(toHub(ClusterKind, { spec: {}, status: { failureDomains } }).status).toEqual({
      failureDomains: [
        { name: "east", attributes: { zone: "1" } },
        { name: "west", controlPlane: true },
      ],
    })
  })

  test("conditions of both versions keep their own places", () => {
    const now = "2026-01-02T03:04:05Z"
    const old = { type: "Ready", status: "True", lastTransitionTime: now }
    const current = { type: "Available", status: "True", reason: "Available", message: "" }
    const status = { conditions: [old], v1beta2: { conditions: [current] } }
    const hub = toHub(ClusterKind, { spec: {}, status }).status
    expect(hub).toEqual({
      conditions: [current],
      deprecated: { v1beta1: { conditions: [old] } },
    })
    expect(fromHub(ClusterKind, { spec: {}, status: hub }).status).toEqual(status)
  })

  test("what older clients write as zero means nothing", () => {
    expect(
      toHub(ClusterKind, {
        spec: {
          paused: false,
          controlPlaneEndpoint: { host: "", port: 0 },
          clusterNetwork: { apiServerPort: 0 },
        },
        status: { infrastructureReady: false, controlPlaneReady: true, observedGeneration: 0 },
      }),
    ).toMatchObject({
      spec: {},
      status: { initialization: { controlPlaneInitialized: true } },
    })
  })

  test("a topology's class, health check and strategy find their places", () => {
    const { spec } = toHub(ClusterKind, {
      spec: {
        topology: {
          class: "small",
          version: "v1.34.0",
          rolloutAfter: "2026-01-02T03:04:05Z",
          workers: {
            machineDeployments: [
              {
                class: "worker",
                name: "md-0",
                nodeDrainTimeout: "1m0s",
                strategy: {
                  rollingUpdate: { maxSurge: 1, deletePolicy: "Oldest" },
                  remediation: { maxInFlight: "20%" },
                },
                machineHealthCheck: {
                  enable: true,
                  maxUnhealthy: "40%",
                  unhealthyConditions: [{ type: "Ready", status: "False", timeout: "5m0s" }],
                },
              },
            ],
          },
        },
      },
    })
    expect(spec).toEqual({
      topology: {
        classRef: { name: "small" },
        version: "v1.34.0",
        workers: {
          machineDeployments: [
            {
              class: "worker",
              name: "md-0",
              deletion: { nodeDrainTimeoutSeconds: 60, order: "Oldest" },
              rollout: { strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1 } } },
              healthCheck: {
                enabled: true,
                checks: {
                  unhealthyNodeConditions: [
                    { type: "Ready", status: "False", timeoutSeconds: 300 },
                  ],
                },
                remediation: {
                  maxInFlight: "20%",
                  triggerIf: { unhealthyLessThanOrEqualTo: "40%" },
                },
              },
            },
          ],
        },
      },
    })
  })
})

describe("Machine", () => {
  const hub = {
    spec: {
      clusterName: "c",
      bootstrap: { dataSecretName: "s" },
      infrastructureRef: { apiGroup: "infra.example.com", kind: "Rack", name: "r" },
      minReadySeconds: 30,
    },
    status: { phase: "Updating", failureDomain: "west" },
  }

  test("Updating shows as Running, and what v1beta1 cannot show travels in the annotation", () => {
    const old = fromHub(MachineKind, hub)
    expect(old.status).toEqual({ phase: "Running" })
    expect(JSON.parse(old.metadata.annotations?.[conversionDataAnnotation] ?? "")).toEqual(hub)
  })

  test("an edit through v1beta1 changes what was edited and nothing else", () => {
    const back = edited(MachineKind, hub, (spec) => ({ ...spec, providerID: "p://1" }))
    expect(back.spec).toEqual({ ...hub.spec, providerID: "p://1" })
    expect(back.status).toEqual(hub.status)
    expect(back.metadata).toEqual({ name: "sample", namespace: "default" })
  })

  test("a timeout that is no duration is refused", () => {
    expect(() => toHub(MachineKind, { spec: { ...hub.spec, nodeDrainTimeout: "soon" } })).toThrow(
      ConversionError,
    )
  })

  test("an annotation that is not JSON is refused", () => {
    const annotations = { [conversionDataAnnotation]: "{" }
    expect(() =>
      toHub(MachineKind, { metadata: { name: "sample", annotations }, spec: hub.spec }),
    ).toThrow("annotation cluster.x-k8s.io/conversion-data is not JSON")
  })

  test("an annotation that somebody wrote into the hub object is not taken for conversion data", () => {
    const metadata = { name: "sample", annotations: { [conversionDataAnnotation]: '{"spec":{}}' } }
    const { minReadySeconds: _, ...spec } = hub.spec
    expect(fromHub(MachineKind, { metadata, spec }).metadata).toEqual({ name: "sample" })
  })

  test("data from upstream's annotation, with its own apiVersion and kind, is restored", () => {
    const old = fromHub(MachineKind, hub)
    const data = JSON.stringify({ kind: "Machine", apiVersion: "cluster.x-k8s.io/v1beta2", ...hub })
    const metadata = { ...old.metadata, annotations: { [conversionDataAnnotation]: data } }
    const back = conversionOf(MachineKind).toHub({ ...old, metadata }, resolve)
    expect(back).toMatchObject(hub)
  })
})

describe("MachineDeployment", () => {
  test("old and new counters of one name are not mixed up", () => {
    const status = {
      readyReplicas: 1,
      updatedReplicas: 2,
      v1beta2: { readyReplicas: 3, upToDateReplicas: 4 },
    }
    expect(toHub(MachineDeploymentKind, { spec: {}, status }).status).toEqual({
      readyReplicas: 3,
      upToDateReplicas: 4,
      deprecated: { v1beta1: { readyReplicas: 1, updatedReplicas: 2 } },
    })
  })

  test("a surge without a type means a rolling update; empty settings mean nothing", () => {
    const rollingUpdate = { maxSurge: 1 }
    expect(toHub(MachineDeploymentKind, { spec: { strategy: { rollingUpdate } } }).spec).toEqual({
      rollout: { strategy: { type: "RollingUpdate", rollingUpdate } },
    })
    expect(
      toHub(MachineDeploymentKind, { spec: { strategy: { rollingUpdate: {} }, replicas: 1 } }).spec,
    ).toEqual({ replicas: 1 })
  })
})

describe("KubeadmConfig", () => {
  test("flags become a sorted list, whose order in the hub survives v1beta1", () => {
    const list = [
      { name: "v", value: "2" },
      { name: "authorization-mode", value: "RBAC" },
    ]
    const spec = { clusterConfiguration: { apiServer: { extraArgs: list } } }
    const old = fromHub(KubeadmConfigKind, { spec })
    expect(old.spec).toEqual({
      clusterConfiguration: { apiServer: { extraArgs: { v: "2", "authorization-mode": "RBAC" } } },
    })
    expect(conversionOf(KubeadmConfigKind).toHub(old, resolve).spec).toEqual(spec)
    expect(toHub(KubeadmConfigKind, { spec: old.spec }).spec).toEqual({
      clusterConfiguration: { apiServer: { extraArgs: list.toReversed() } },
    })
  })

  test("the API server's timeout holds for machines that join, too", () => {
    const spec = {
      clusterConfiguration: { apiServer: { timeoutForControlPlane: "10m0s" }, clusterName: "c" },
      joinConfiguration: { discovery: { timeout: "5m0s" } },
    }
    expect(toHub(KubeadmConfigKind, { spec }).spec).toEqual({
      initConfiguration: { timeouts: { controlPlaneComponentHealthCheckSeconds: 600 } },
      joinConfiguration: {
        timeouts: { controlPlaneComponentHealthCheckSeconds: 600, tlsBootstrapSeconds: 300 },
      },
    })
  })

  test("a file that is edited through v1beta1 keeps its neighbours' hub-only settings", () => {
    const files = ["/a", "/b"].map((path) => ({ path, append: false }))
    const back = edited(KubeadmConfigKind, { spec: { files } }, (spec) => {
      expect(spec).toEqual({ files })
      return { files: [{ path: "/a" }, { path: "/b", append: true }] }
    })
    expect(back.spec).toEqual({ files: [files[0], { path: "/b", append: true }] })
  })
})

describe("RemoteMachine", () => {
  const hostKey = `SHA256:${"a".repeat(43)}`

  test("a pinned host key survives an edit through v1beta1, which does not know it", () => {
    const back = edited(
      RemoteMachineKind,
      { spec: { address: "10.0.0.1", hostKey, cleanUpCommands: ["reset"] } },
      (spec) => {
        expect(spec).toEqual({ address: "10.0.0.1", customCleanUpCommands: ["reset"] })
        return { ...spec, address: "10.0.0.2" }
      },
    )
    expect(back.spec).toEqual({ address: "10.0.0.2", hostKey, cleanUpCommands: ["reset"] })
  })

  test("fields named like prototype members are data", () => {
    const spec = JSON.parse(
      '{"address":"a","provisionJob":{"jobSpecTemplate":{"__proto__":{"x":1}}}}',
    )
    const back = conversionOf(RemoteMachineKind).toHub(
      fromHub(RemoteMachineKind, { spec: { ...spec, hostKey } }),
      resolve,
    )
    expect(JSON.stringify(back.spec)).toContain('"__proto__":{"x":1}')
    expect(Object.hasOwn(Object.prototype, "x")).toBe(false)
  })
})
