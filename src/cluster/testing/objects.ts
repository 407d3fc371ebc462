import {
  type Cluster,
  ClusterKind,
  DevClusterKind,
  DevMachineKind,
  DevMachineTemplateKind,
  KubeadmConfigKind,
  KubeadmConfigTemplateKind,
  label,
  type Machine,
  type MachineDeployment,
  MachineDeploymentKind,
  MachineKind,
  type Node,
  NodeKind,
} from "#apis"
import type { Manifest } from "#client"
import type { ObjectKey } from "#meta"
import { type Bench, clusterName, namespace } from "./bench.ts"

const infrastructure = "infrastructure.cluster.x-k8s.io"
const bootstrap = "bootstrap.cluster.x-k8s.io"

export function key(name: string): ObjectKey {
  return { namespace, name }
}

export function aCluster(spec: Partial<Cluster["spec"]> = {}): Manifest<Cluster> {
  const infrastructureRef = { apiGroup: infrastructure, kind: "DevCluster", name: clusterName }
  return { metadata: key(clusterName), spec: { infrastructureRef, ...spec } }
}

/** A Machine with a KubeadmConfig and a DevMachine of its own name. */
export function aMachine(
  name: string,
  options: {
    readonly isControlPlane?: boolean | undefined
    readonly spec?: Partial<Machine["spec"]> | undefined
    readonly annotations?: Readonly<Record<string, string>> | undefined
  } = {},
): Manifest<Machine> {
  const { isControlPlane, spec, annotations } = options
  return {
    metadata: {
      ...key(name),
      ...(isControlPlane ? { labels: { [label.controlPlane]: "" } } : {}),
      ...(annotations ? { annotations } : {}),
    },
    spec: {
      clusterName,
      version: "v1.34.4",
      bootstrap: { configRef: { apiGroup: bootstrap, kind: "KubeadmConfig", name } },
      infrastructureRef: { apiGroup: infrastructure, kind: "DevMachine", name },
      ...spec,
    },
  }
}

/** Makes the Cluster and plays its infrastructure provider. */
export async function makeCluster(
  bench: Bench,
  spec: Partial<Cluster["spec"]> = {},
): Promise<void> {
  const { client } = bench
  await client.create(ClusterKind, aCluster(spec))
  await client.create(DevClusterKind, {
    metadata: key(clusterName),
    spec: { controlPlaneEndpoint: { host: "127.0.0.1", port: 6443 }, backend: { inMemory: {} } },
  })
  await client.patchStatus(DevClusterKind, key(clusterName), {
    type: "merge",
    body: { status: { initialization: { provisioned: true } } },
  })
  await bench.giveKubeconfig()
  await bench.settle()
}

/** Makes a Machine with what it refers to. */
export async function makeMachine(bench: Bench, machine: Manifest<Machine>): Promise<void> {
  const { name = "" } = machine.metadata
  await bench.client.create(KubeadmConfigKind, { metadata: key(name) })
  await bench.client.create(DevMachineKind, {
    metadata: key(name),
    spec: { backend: { inMemory: {} } },
  })
  await bench.client.create(MachineKind, machine)
  await bench.settle()
}

export async function provideBootstrap(bench: Bench, name: string): Promise<void> {
  await bench.client.patchStatus(KubeadmConfigKind, key(name), {
    type: "merge",
    body: { status: { dataSecretName: name, initialization: { dataSecretCreated: true } } },
  })
  await bench.settle()
}

export async function provideInfrastructure(bench: Bench, name: string): Promise<void> {
  const { client } = bench
  await client.patch(DevMachineKind, key(name), {
    type: "merge",
    body: { spec: { providerID: providerId(name) } },
  })
  await client.patchStatus(DevMachineKind, key(name), {
    type: "merge",
    body: {
      status: {
        initialization: { provisioned: true },
        addresses: [{ type: "InternalIP", address: "10.0.0.1" }],
      },
    },
  })
  await bench.settle()
}

export function providerId(name: string): string {
  return `inmemory:////${name}`
}

/** A Node as its kubelet registers it, ready. */
export function aNode(name: string, changes: Partial<Node> = {}): Manifest<Node> {
  return {
    metadata: { name },
    spec: { providerID: providerId(name) },
    status: {
      conditions: [
        { type: "Ready", status: "True", reason: "KubeletReady" },
        { type: "MemoryPressure", status: "False" },
        { type: "DiskPressure", status: "False" },
        { type: "PIDPressure", status: "False" },
      ],
    },
    ...changes,
  }
}

export async function makeNode(bench: Bench, node: Manifest<Node>): Promise<void> {
  const { name = "" } = node.metadata
  await bench.workloadClient.create(NodeKind, node)
  const body = { status: node.status }
  await bench.workloadClient.patchStatus(NodeKind, { name }, { type: "merge", body })
}

/** Plays the providers of a Machine, and its kubelet, until it runs. */
export async function bringUp(bench: Bench, name: string): Promise<void> {
  await provideBootstrap(bench, name)
  await provideInfrastructure(bench, name)
  await makeNode(bench, aNode(name))
  await bench.until(MachineKind, name, (machine) => machine?.status?.phase === "Running")
}

/** A MachineDeployment with the templates of its name. */
export function aDeployment(
  name: string,
  replicas: number,
  spec: Partial<MachineDeployment["spec"]> = {},
): Manifest<MachineDeployment> {
  return {
    metadata: key(name),
    spec: {
      clusterName,
      replicas,
      selector: { matchLabels: {} },
      template: {
        spec: {
          clusterName,
          version: "v1.34.4",
          bootstrap: { configRef: { apiGroup: bootstrap, kind: "KubeadmConfigTemplate", name } },
          infrastructureRef: { apiGroup: infrastructure, kind: "DevMachineTemplate", name },
        },
      },
      ...spec,
    },
  }
}

export async function makeTemplates(bench: Bench, name: string): Promise<void> {
  await bench.client.create(KubeadmConfigTemplateKind, {
    metadata: key(name),
    spec: { template: { spec: { files: [{ path: "/etc/motd", content: "hello" }] } } },
  })
  await bench.client.create(DevMachineTemplateKind, {
    metadata: key(name),
    spec: { template: { spec: { backend: { inMemory: {} } } } },
  })
}

export async function makeDeployment(
  bench: Bench,
  deployment: Manifest<MachineDeployment>,
): Promise<void> {
  await makeTemplates(bench, deployment.metadata.name ?? "")
  await bench.client.create(MachineDeploymentKind, deployment)
  await bench.settle()
}

/** Plays the providers of every Machine that is not running, until no new one comes. */
export async function bringAllUp(bench: Bench): Promise<void> {
  for (;;) {
    const machines = await bench.client.listAll(MachineKind, { namespace })
    const due = machines.filter(
      ({ metadata, status }) =>
        metadata.deletionTimestamp === undefined && status?.nodeRef === undefined,
    )
    if (due.length === 0) return
    for (const machine of due) await bringUp(bench, machine.metadata.name)
  }
}
