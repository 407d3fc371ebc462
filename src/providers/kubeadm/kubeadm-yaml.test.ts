import { execFile } from "node:child_process"
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { promisify } from "node:util"
import { describe, expect, test } from "vitest"
import { parseAllDocuments } from "yaml"
import type { KubeadmConfigSpec } from "#apis"
import { labBinary } from "../../../lab/paths.ts"
import { kubeadmFormat, type NodeFacts, renderInit, renderJoin } from "./kubeadm-yaml.ts"

const facts: NodeFacts = {
  clusterName: "edge",
  kubernetesVersion: "v1.34.4",
  controlPlaneEndpoint: "10.0.0.11:6443",
  podSubnet: "10.244.0.0/16",
  serviceSubnet: "10.96.0.0/12",
  dnsDomain: "cluster.local",
  apiServerPort: undefined,
}
const olderFacts: NodeFacts = { ...facts, kubernetesVersion: "v1.30.9" }

const initSpec: KubeadmConfigSpec = {
  clusterConfiguration: {
    apiServer: {
      extraArgs: [{ name: "audit-log-path", value: "-" }],
      extraEnvs: [{ name: "GOGC", value: "50" }],
      certSANs: ["api.example.com"],
    },
    etcd: { local: { extraArgs: [{ name: "quota-backend-bytes", value: "1000000" }] } },
    certificateValidityPeriodDays: 10,
    featureGates: { ControlPlaneKubeletLocalMode: true },
  },
  initConfiguration: {
    bootstrapTokens: [
      {
        token: "abcdef.0123456789abcdef",
        ttlSeconds: 60,
        usages: ["signing", "authentication"],
      },
    ],
    nodeRegistration: {
      name: "{{ ds.meta_data.local_hostname }}",
      kubeletExtraArgs: [{ name: "node-labels", value: "a=b" }],
      taints: [],
      ignorePreflightErrors: ["Swap"],
    },
    timeouts: { controlPlaneComponentHealthCheckSeconds: 300 },
    skipPhases: ["addon/kube-proxy"],
    patches: { directory: "/etc/patches" },
  },
}

const joinSpec: NonNullable<KubeadmConfigSpec["joinConfiguration"]> = {
  nodeRegistration: {
    taints: [{ key: "node.cluster.x-k8s.io/uninitialized", effect: "NoSchedule" }],
    imagePullSerial: false,
  },
  discovery: {
    bootstrapToken: {
      apiServerEndpoint: "10.0.0.11:6443",
      token: "abcdef.0123456789abcdef",
      caCertHashes: [`sha256:${"0".repeat(64)}`],
    },
  },
  timeouts: { tlsBootstrapSeconds: 30 },
}

test("kubeadm init reads v1beta4 from Kubernetes 1.31 on", () => {
  expect(documents(renderInit(initSpec, facts))).toEqual([
    {
      apiVersion: "kubeadm.k8s.io/v1beta4",
      kind: "ClusterConfiguration",
      clusterName: "edge",
      kubernetesVersion: "v1.34.4",
      controlPlaneEndpoint: "10.0.0.11:6443",
      networking: {
        podSubnet: "10.244.0.0/16",
        serviceSubnet: "10.96.0.0/12",
        dnsDomain: "cluster.local",
      },
      apiServer: {
        extraArgs: [{ name: "audit-log-path", value: "-" }],
        extraEnvs: [{ name: "GOGC", value: "50" }],
        certSANs: ["api.example.com"],
      },
      etcd: { local: { extraArgs: [{ name: "quota-backend-bytes", value: "1000000" }] } },
      featureGates: { ControlPlaneKubeletLocalMode: true },
      certificateValidityPeriod: "240h",
    },
    {
      apiVersion: "kubeadm.k8s.io/v1beta4",
      kind: "InitConfiguration",
      bootstrapTokens: [
        { token: "abcdef.0123456789abcdef", ttl: "60s", usages: ["signing", "authentication"] },
      ],
      nodeRegistration: {
        name: "{{ ds.meta_data.local_hostname }}",
        kubeletExtraArgs: [{ name: "node-labels", value: "a=b" }],
        taints: [],
        ignorePreflightErrors: ["Swap"],
      },
      timeouts: { controlPlaneComponentHealthCheck: "300s" },
      skipPhases: ["addon/kube-proxy"],
      patches: { directory: "/etc/patches" },
    },
  ])
})

test("kubeadm init reads v1beta3 before that, where flags are maps and timeouts lie elsewhere", () => {
  const [cluster, init] = documents(renderInit(initSpec, olderFacts))

  expect(cluster).toMatchObject({
    apiVersion: "kubeadm.k8s.io/v1beta3",
    apiServer: {
      extraArgs: { "audit-log-path": "-" },
      certSANs: ["api.example.com"],
      timeoutForControlPlane: "300s",
    },
    etcd: { local: { extraArgs: { "quota-backend-bytes": "1000000" } } },
  })
  expect(cluster).not.toHaveProperty("apiServer.extraEnvs")
  expect(cluster).not.toHaveProperty("certificateValidityPeriod")
  expect(init).toMatchObject({
    apiVersion: "kubeadm.k8s.io/v1beta3",
    nodeRegistration: { kubeletExtraArgs: { "node-labels": "a=b" }, taints: [] },
  })
  expect(init).not.toHaveProperty("timeouts")
})

test("a machine that joins the control plane says so even when nothing else is given", () => {
  const [joining] = documents(renderJoin({ ...joinSpec, controlPlane: {} }, facts))

  expect(joining).toMatchObject({
    kind: "JoinConfiguration",
    controlPlane: { localAPIEndpoint: { bindPort: 6443 } },
  })
})

test("API servers bind to the Cluster's port unless the KubeadmConfig names one", () => {
  const given = { localAPIEndpoint: { bindPort: 7000 } }
  const onPort = { ...facts, apiServerPort: 8443 }

  expect(documents(renderInit({}, onPort))[1]).toMatchObject({
    localAPIEndpoint: { bindPort: 8443 },
  })
  expect(documents(renderInit({ initConfiguration: given }, onPort))[1]).toMatchObject(given)
  expect(documents(renderJoin({ ...joinSpec, controlPlane: {} }, onPort))[0]).toMatchObject({
    controlPlane: { localAPIEndpoint: { bindPort: 8443 } },
  })
})

test("what reads like a boolean or a number in YAML 1.1 stays the text that it is", () => {
  const extraArgs = ["off", "y", "0x1", "1_000", "12:30"].map((value) => ({ name: "a", value }))

  const text = renderInit({ clusterConfiguration: { apiServer: { extraArgs } } }, facts)

  const [cluster] = parseAllDocuments(text, { version: "1.1" })
  expect(cluster && "toJS" in cluster && cluster.toJS()).toMatchObject({ apiServer: { extraArgs } })
})

test("a join's timeouts move with the format", () => {
  expect(documents(renderJoin(joinSpec, facts))[0]).toMatchObject({
    nodeRegistration: { imagePullSerial: false },
    timeouts: { tlsBootstrap: "30s" },
  })
  const [older] = documents(renderJoin(joinSpec, olderFacts))
  expect(older).toMatchObject({ discovery: { timeout: "30s" } })
  expect(older).not.toHaveProperty("nodeRegistration.imagePullSerial")
})

test("versions that kubeadm has no known format for are refused", () => {
  expect(kubeadmFormat("v1.31.0-rc.1")).toBe("v1beta4")
  expect(kubeadmFormat(undefined)).toBe("v1beta4")
  expect(kubeadmFormat("v1.22.0")).toBe("v1beta3")
  expect(() => kubeadmFormat("v1.21.9")).toThrow(/"v1\.21\.9" is not v1\.22\.0 or later/)
})

describe("the real kubeadm", () => {
  const kubeadm = labBinary("kubeadm")
  const isRequired = process.env["MOTHERSHIP_TEST_REQUIRE"] === "all"

  test.skipIf(!kubeadm && !isRequired).each([
    ["init", renderInit(initSpec, facts)],
    ["init with nothing given", renderInit({}, facts)],
    ["init in v1beta3", renderInit(initSpec, olderFacts)],
    ["join", renderJoin(joinSpec, facts)],
    ["join in v1beta3", renderJoin(joinSpec, olderFacts)],
    ["join of a control plane", renderJoin({ ...joinSpec, controlPlane: {} }, facts)],
  ])("finds nothing wrong with %s", async (_, text) => {
    expect(kubeadm, "run: npm run lab -- build").toBeDefined()
    const directory = await mkdtemp(join(tmpdir(), "kubeadm-"))
    try {
      const file = join(directory, "config.yaml")
      // The name is filled in on the host; this kubeadm refuses older versions, not older formats.
      const onHost = text.replace("{{ ds.meta_data.local_hostname }}", "m1")
      await writeFile(file, onHost.replace("v1.30.9", "v1.34.4"))
      const run = promisify(execFile)
      const { stderr } = await run(kubeadm ?? "", ["config", "validate", "--config", file])
      expect(stderr).not.toMatch(/unknown field|strict decoding/)
    } finally {
      await rm(directory, { recursive: true, force: true })
    }
  })
})

function documents(text: string): unknown[] {
  return parseAllDocuments(text).map((document) => document.toJS() as unknown)
}
