import {
  ClusterKind,
  DevClusterKind,
  DevMachineKind,
  DevMachineTemplateKind,
  KubeadmConfigKind,
  KubeadmConfigTemplateKind,
  label,
  MachineDeploymentKind,
  MachineKind,
} from "#apis"
import type { Client } from "#client"
import type { KindRef } from "#meta"

const namespace = "default"
const version = "v1.34.4"
const inMemory = { backend: { inMemory: {} } }
const nodeRegistration = { criSocket: "unix:///run/containerd/containerd.sock" }

/**
 * One cluster as upstream's in-memory templates make it, with a standalone control plane Machine.
 */
export async function createCluster(client: Client, name: string, workers: number): Promise<void> {
  const metadata = { namespace, name }
  await client.create(DevClusterKind, { metadata, spec: inMemory })
  await client.create(ClusterKind, {
    metadata,
    spec: {
      clusterNetwork: {
        services: { cidrBlocks: ["10.128.0.0/12"] },
        pods: { cidrBlocks: ["192.168.0.0/16"] },
        serviceDomain: "cluster.local",
      },
      infrastructureRef: reference(DevClusterKind, name),
    },
  })
  await createControlPlane(client, name)
  await createWorkers(client, name, workers)
}

async function createControlPlane(client: Client, clusterName: string): Promise<void> {
  const metadata = { namespace, name: `${clusterName}-cp` }
  const labels = { [label.clusterName]: clusterName, [label.controlPlane]: "" }
  await client.create(DevMachineKind, { metadata, spec: inMemory })
  await client.create(KubeadmConfigKind, {
    metadata,
    spec: { initConfiguration: { nodeRegistration } },
  })
  await client.create(MachineKind, {
    metadata: { ...metadata, labels },
    spec: {
      clusterName,
      version,
      bootstrap: { configRef: reference(KubeadmConfigKind, metadata.name) },
      infrastructureRef: reference(DevMachineKind, metadata.name),
    },
  })
}

async function createWorkers(client: Client, clusterName: string, count: number): Promise<void> {
  const metadata = { namespace, name: `${clusterName}-md-0` }
  await client.create(DevMachineTemplateKind, { metadata, spec: { template: { spec: inMemory } } })
  await client.create(KubeadmConfigTemplateKind, {
    metadata,
    spec: { template: { spec: { joinConfiguration: { nodeRegistration } } } },
  })
  await client.create(MachineDeploymentKind, {
    metadata,
    spec: {
      clusterName,
      replicas: count,
      selector: { matchLabels: {} },
      template: {
        spec: {
          clusterName,
          version,
          bootstrap: { configRef: reference(KubeadmConfigTemplateKind, metadata.name) },
          infrastructureRef: reference(DevMachineTemplateKind, metadata.name),
        },
      },
    },
  })
}

function reference({ group, kind }: KindRef, name: string) {
  return { apiGroup: group, kind, name }
}
