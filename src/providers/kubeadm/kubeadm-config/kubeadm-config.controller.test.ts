import { Registry } from "prom-client"
import { afterEach, beforeEach, expect, test } from "vitest"
import { parse } from "yaml"
import { silentLogger } from "#base"
import { FakeClock } from "#base/testing"
import {
  ClusterKind,
  ConfigMapKind,
  customKinds,
  type KubeadmConfig,
  KubeadmConfigKind,
  type KubeadmConfigSpec,
  MachineKind,
  type Secret,
  SecretKind,
} from "#apis"
import { TestServer } from "#apiserver/testing"
import { Client } from "#client"
import { encodeSecret, readBootstrapData, secretText } from "#contract"
import { CrdKindResolver, Manager } from "#controller"
import { findCondition } from "#meta"
import { WorkloadClusters } from "#workload"
import { kubeadmControllers, kubeadmRules } from "../index.ts"

const namespace = "default"
const clock = new FakeClock()
let server: TestServer
let workloadServer: TestServer
let workloads: WorkloadClusters
let manager: Manager
let client: Client
let workload: Client

beforeEach(async () => {
  server = await TestServer.start({ clock, kinds: customKinds, rules: kubeadmRules })
  workloadServer = await TestServer.start({ clock })
  client = new Client(server.transport(), { fieldManager: "test" })
  workload = new Client(workloadServer.transport(), { fieldManager: "test" })
  const { caches } = server.server
  const dial = () => ({ transport: workloadServer.transport(), close: () => {} })
  workloads = new WorkloadClusters({ caches, clock, log: silentLogger, dial })
  await workloads.start()
  manager = new Manager({
    controllers: kubeadmControllers({ workloads }),
    transport: ({ fieldManager }) => server.transport(undefined, fieldManager),
    caches,
    resolver: new CrdKindResolver(caches),
    clock,
    log: silentLogger,
    registry: new Registry(),
  })
  await manager.start()
  await client.create(ClusterKind, {
    metadata: { namespace, name: "edge" },
    spec: {
      infrastructureRef: {
        apiGroup: "infrastructure.cluster.x-k8s.io",
        kind: "RemoteCluster",
        name: "edge",
      },
      controlPlaneEndpoint: { host: "10.0.0.11", port: 6443 },
    },
  })
})

afterEach(async () => {
  await manager.stop()
  await workloads.stop()
  await workloadServer[Symbol.asyncDispose]()
  await server[Symbol.asyncDispose]()
})

interface MachineOptions {
  readonly isControlPlane?: boolean
  readonly spec?: KubeadmConfigSpec
  readonly dataSecretName?: string
}

/** A Machine with the KubeadmConfig it owns. */
async function createMachine(name: string, options: MachineOptions = {}): Promise<void> {
  const labels = {
    "cluster.x-k8s.io/cluster-name": "edge",
    ...(options.isControlPlane ? { "cluster.x-k8s.io/control-plane": "" } : {}),
  }
  const machine = await client.create(MachineKind, {
    metadata: { namespace, name, labels },
    spec: {
      clusterName: "edge",
      version: "v1.34.4",
      bootstrap: {
        configRef: { apiGroup: "bootstrap.cluster.x-k8s.io", kind: "KubeadmConfig", name },
        ...(options.dataSecretName ? { dataSecretName: options.dataSecretName } : {}),
      },
      infrastructureRef: {
        apiGroup: "infrastructure.cluster.x-k8s.io",
        kind: "RemoteMachine",
        name,
      },
    },
  })
  await client.create(KubeadmConfigKind, {
    metadata: {
      namespace,
      name,
      labels,
      ownerReferences: [
        {
          apiVersion: "cluster.x-k8s.io/v1beta2",
          kind: "Machine",
          name,
          uid: machine.metadata.uid ?? "",
          controller: true,
        },
      ],
    },
    ...(options.spec ? { spec: options.spec } : {}),
  })
  await manager.settled()
}

async function setInitialization(initialization: object): Promise<void> {
  await client.patch(
    ClusterKind,
    { namespace, name: "edge" },
    { type: "merge", body: { status: { initialization } } },
    { subresource: "status" },
  )
  await manager.settled()
}

/** The workload cluster is there, and its kubeconfig Secret too. */
async function initializeCluster(): Promise<void> {
  await client.create(SecretKind, {
    metadata: { namespace, name: "edge-kubeconfig" },
    type: "cluster.x-k8s.io/secret",
    data: { value: encodeSecret(await workloadServer.kubeconfig()) },
  })
  if (!(await client.find(SecretKind, { namespace, name: "edge-ca" }))) {
    await client.create(SecretKind, {
      metadata: { namespace, name: "edge-ca" },
      type: "cluster.x-k8s.io/secret",
      data: { "tls.crt": encodeSecret(workloadServer.caPem) },
    })
  }
  await setInitialization({ infrastructureProvisioned: true, controlPlaneInitialized: true })
}

function configNamed(name: string): Promise<KubeadmConfig> {
  return client.get(KubeadmConfigKind, { namespace, name })
}

async function dataOf(name: string) {
  const secret = await client.get(SecretKind, { namespace, name })
  const data = readBootstrapData(secret)
  if (!data) throw new Error(`read bootstrap data of ${name}: it has no value`)
  return { ...data, secret }
}

async function messageOf(name: string): Promise<string | undefined> {
  return findCondition(await configNamed(name), "DataSecretAvailable")?.message
}

function tokens(): Promise<readonly Secret[]> {
  return workload
    .list(SecretKind, { namespace: "kube-system" })
    .then(({ items }) => items.filter(({ type }) => type === "bootstrap.kubernetes.io/token"))
}

test("data waits for the cluster's infrastructure", async () => {
  await createMachine("cp", { isControlPlane: true })

  expect(await messageOf("cp")).toBe("waiting for the infrastructure of Cluster edge")

  await setInitialization({ infrastructureProvisioned: true })
  expect(await configNamed("cp")).toMatchObject({
    status: { dataSecretName: "cp", initialization: { dataSecretCreated: true } },
  })
})

test("the first control plane machine gets init with the cluster's keys, which Secrets keep", async () => {
  await setInitialization({ infrastructureProvisioned: true })
  await createMachine("cp", { isControlPlane: true })

  const { value, plan, format, secret } = await dataOf("cp")
  expect(format).toBe("cloud-config")
  expect(value.startsWith("## template: jinja\n#cloud-config\n")).toBe(true)
  expect(secret).toMatchObject({
    type: "cluster.x-k8s.io/secret",
    metadata: {
      labels: { "cluster.x-k8s.io/cluster-name": "edge" },
      ownerReferences: [{ kind: "KubeadmConfig", name: "cp", controller: true }],
    },
  })
  expect(plan?.steps.map(({ name }) => name)).toContain("kubeadm-init")
  const paths = (parse(value) as { write_files: { path: string }[] }).write_files.map(
    ({ path }) => path,
  )
  expect(paths).toEqual([
    "/etc/kubernetes/pki/ca.crt",
    "/etc/kubernetes/pki/ca.key",
    "/etc/kubernetes/pki/etcd/ca.crt",
    "/etc/kubernetes/pki/etcd/ca.key",
    "/etc/kubernetes/pki/front-proxy-ca.crt",
    "/etc/kubernetes/pki/front-proxy-ca.key",
    "/etc/kubernetes/pki/sa.pub",
    "/etc/kubernetes/pki/sa.key",
    "/run/kubeadm/kubeadm.yaml",
  ])
  const authority = await client.get(SecretKind, { namespace, name: "edge-ca" })
  expect(value).toContain(secretText(authority, "tls.crt")?.split("\n")[1])
  for (const purpose of ["ca", "etcd", "proxy", "sa"]) {
    const stored = await client.get(SecretKind, { namespace, name: `edge-${purpose}` })
    expect(stored.metadata.ownerReferences).toMatchObject([{ kind: "Cluster", name: "edge" }])
    expect(plan?.secrets).toContain(secretText(stored, "tls.key"))
  }
})

test("one control plane machine runs init, the others wait until it is gone or done", async () => {
  await setInitialization({ infrastructureProvisioned: true })
  await createMachine("cp-1", { isControlPlane: true })
  await createMachine("cp-2", { isControlPlane: true })
  const lock = await client.get(ConfigMapKind, { namespace, name: "edge-lock" })
  expect(lock.data).toEqual({ "lock-information": '{"machineName":"cp-1"}' })
  expect(await messageOf("cp-2")).toBe("waiting for Machine cp-1 to initialize the control plane")

  const holder = await client.get(MachineKind, { namespace, name: "cp-1" })
  await client.delete(MachineKind, holder.metadata)
  await manager.settled()

  expect((await configNamed("cp-2")).status?.dataSecretName).toBe("cp-2")
  await initializeCluster()
  expect(await client.find(ConfigMapKind, { namespace, name: "edge-lock" })).toBeUndefined()
})

test("a worker waits for the control plane and joins it with a token of its own", async () => {
  await setInitialization({ infrastructureProvisioned: true })
  await createMachine("w-1")
  await createMachine("w-2")
  expect(await messageOf("w-1")).toBe(
    "waiting for the control plane of Cluster edge to be initialized",
  )

  await initializeCluster()

  const { plan, value } = await dataOf("w-1")
  expect(plan?.steps.map(({ name }) => name)).toContain("kubeadm-join")
  expect(value).toContain("node.cluster.x-k8s.io/uninitialized")
  const token = (await configNamed("w-1")).spec?.joinConfiguration?.discovery?.bootstrapToken?.token
  expect(value).toContain(token)
  expect(plan?.secrets).toContain(token)
  const made = await tokens()
  expect(made).toHaveLength(2)
  const own = made.find(({ metadata }) => metadata.name.endsWith(token?.split(".")[0] ?? "?"))
  expect(own && secretText(own, "auth-extra-groups")).toBe(
    "system:bootstrappers:kubeadm:default-node-token",
  )
})

test("a token is prolonged until its machine is a node, and not after", async () => {
  await initializeCluster()
  await createMachine("w")
  const expiry = async (): Promise<number> => {
    const [token] = await tokens()
    return Date.parse((token && secretText(token, "expiration")) ?? "")
  }
  const first = await expiry()
  expect(first - clock.now()).toBeGreaterThan(14 * 60_000)

  for (const _ of [1, 2]) {
    clock.advance(5 * 60_000)
    await manager.settled()
  }
  const second = await expiry()
  expect(second).toBeGreaterThan(first)

  await client.patch(
    MachineKind,
    { namespace, name: "w" },
    { type: "merge", body: { status: { nodeRef: { name: "w" } } } },
    { subresource: "status" },
  )
  await manager.settled()
  clock.advance(14 * 60_000)
  await manager.settled()
  expect(await expiry()).toBe(second)
})

test("a token that expired while nobody looked is made again, with the same value", async () => {
  await initializeCluster()
  await createMachine("w")
  const [token] = await tokens()
  if (!token) throw new Error("no token")
  await workload.delete(SecretKind, token.metadata)

  clock.advance(5 * 60_000)
  await manager.settled()

  const [again] = await tokens()
  expect(again?.metadata.name).toBe(token.metadata.name)
  expect(again?.data?.["token-secret"]).toBe(token.data?.["token-secret"])
})

test("contents and passwords from Secrets reach the host and are hidden in its output", async () => {
  await setInitialization({ infrastructureProvisioned: true })
  await createMachine("cp", {
    isControlPlane: true,
    spec: {
      files: [
        {
          path: "/etc/audit.yaml",
          contentFrom: { secret: { name: "extra", key: "audit" } },
          permissions: "600",
        },
      ],
      users: [{ name: "ops", passwdFrom: { secret: { name: "extra", key: "hash" } } }],
      ntp: { enabled: true, servers: ["ntp.example.com"] },
      mounts: [["/dev/vdb", "/data"]],
      diskSetup: {
        partitions: [
          { device: "/dev/vdb", diskLayout: [{ percentage: 100, partitionType: "Linux" }] },
        ],
        filesystems: [{ device: "/dev/vdb", filesystem: "ext4", replaceFS: "ntfs" }],
      },
    },
  })
  expect(await messageOf("cp")).toBe("read file /etc/audit.yaml: Secret extra is not there")

  await client.create(SecretKind, {
    metadata: { namespace, name: "extra" },
    data: { audit: encodeSecret("level: None"), hash: encodeSecret("$6$salt$hash") },
  })
  await manager.settled()

  const { value, plan } = await dataOf("cp")
  expect(parse(value)).toMatchObject({
    write_files: expect.arrayContaining([
      { path: "/etc/audit.yaml", content: "level: None", permissions: "600", owner: "root:root" },
    ]) as unknown,
    users: [{ name: "ops", passwd: "$6$salt$hash" }],
    ntp: { enabled: true, servers: ["ntp.example.com"] },
    mounts: [["/dev/vdb", "/data"]],
    disk_setup: { "/dev/vdb": { table_type: "gpt", layout: [[100, "8300"]] } },
    fs_setup: [{ device: "/dev/vdb", filesystem: "ext4", replace_fs: "ntfs" }],
  })
  expect(plan?.secrets).toEqual(expect.arrayContaining(["level: None", "$6$salt$hash"]))
  expect(plan?.steps.map(({ name }) => name)).toContain("user-1")
})

test("a machine that discovers its cluster by a file gets that file and no token", async () => {
  await initializeCluster()
  await createMachine("w", {
    spec: {
      joinConfiguration: {
        discovery: {
          file: {
            kubeConfigPath: "/etc/kubernetes/discovery.yaml",
            kubeConfig: { user: { exec: { command: "credentials", apiVersion: "v1" } } },
          },
        },
      },
    },
  })

  const { value } = await dataOf("w")
  const { write_files } = parse(value) as { write_files: { path: string; content: string }[] }
  const file = write_files.find(({ path }) => path === "/etc/kubernetes/discovery.yaml")
  expect(parse(file?.content ?? "")).toMatchObject({
    clusters: [{ cluster: { server: "https://10.0.0.11:6443" } }],
    users: [{ user: { exec: { command: "credentials" } } }],
  })
  expect(await tokens()).toEqual([])
})

test("after a move the data that the Machine knows is adopted, not made again", async () => {
  await setInitialization({ infrastructureProvisioned: true })
  await createMachine("cp", { isControlPlane: true, dataSecretName: "cp" })

  expect((await configNamed("cp")).status?.dataSecretName).toBe("cp")
  expect(await client.find(SecretKind, { namespace, name: "cp" })).toBeUndefined()
})

test("somebody else's Secret of the same name is left alone", async () => {
  await setInitialization({ infrastructureProvisioned: true })
  await client.create(SecretKind, { metadata: { namespace, name: "cp" }, data: { a: "Yg==" } })
  await createMachine("cp", { isControlPlane: true })

  expect(await messageOf("cp")).toBe("Secret cp is there already and belongs to somebody else")
  expect((await client.get(SecretKind, { namespace, name: "cp" })).data).toEqual({ a: "Yg==" })
})

test("what cannot be made says why", async () => {
  await setInitialization({ infrastructureProvisioned: true })
  await createMachine("cp", { isControlPlane: true, spec: { format: "ignition" } })

  expect(await messageOf("cp")).toBe("spec.format ignition is not supported; use cloud-config")
  expect(findCondition(await configNamed("cp"), "DataSecretAvailable")?.reason).toBe(
    "FormatNotSupported",
  )
})
