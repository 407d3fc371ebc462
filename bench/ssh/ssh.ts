import { setTimeout as delay } from "node:timers/promises"
import {
  ClusterKind,
  MachineKind,
  RemoteClusterKind,
  type RemoteMachine,
  RemoteMachineKind,
  SecretKind,
} from "#apis"
import type { Client } from "#client"
import { findCondition } from "#meta"
import { withPlane } from "../plane-client.ts"
import { usageOf } from "../process-usage.ts"
import type { Figure } from "../table.ts"
import { BenchHosts } from "./bench-hosts.ts"

const hostCount = 50
const limitMs = 5 * 60_000
const namespace = "default"
const name = "edge"

/** A bootstrap as plain as one can be: a file and a few commands. */
const cloudConfig = `#cloud-config
write_files:
  - path: /run/bench/note
    permissions: "0600"
    content: hello
runcmd:
  - cat /run/bench/note
  - sleep 1
  - mkdir -p /run/cluster-api
  - touch /run/cluster-api/bootstrap-success.complete
`

/** Time, CPU and memory of a plane that bootstraps so many hosts at once over SSH. */
export async function sshBenchmark(): Promise<readonly Figure[]> {
  const hosts = await BenchHosts.start(hostCount)
  try {
    return await withPlane(async (client, pids) => {
      await createCluster(client, hosts.privateKey)
      const before = await usageOf(pids)
      const startedAt = performance.now()
      await Promise.all(hosts.addresses.map((address, index) => createHost(client, index, address)))
      await allProvisioned(client, startedAt)
      const seconds = (performance.now() - startedAt) / 1000
      const after = await usageOf(pids)
      const cpuSeconds = after.cpuSeconds - before.cpuSeconds
      return [
        { name: `${hostCount} hosts bootstrapped at once`, unit: "s", ours: seconds, more: false },
        { name: "CPU per host", unit: "s", ours: cpuSeconds / hostCount, more: false },
        { name: "memory, peak", unit: "MB", ours: after.peakRssMb, more: false },
        { name: "memory before", unit: "MB", ours: before.rssMb, more: false },
      ]
    })
  } finally {
    await hosts.stop()
  }
}

async function createCluster(client: Client, privateKey: string): Promise<void> {
  const encode = (text: string): string => Buffer.from(text).toString("base64")
  const controlPlaneEndpoint = { host: "10.89.0.254", port: 6443 }
  await client.create(SecretKind, {
    metadata: { namespace, name: "ssh-key" },
    data: { value: encode(privateKey) },
  })
  await client.create(SecretKind, {
    metadata: { namespace, name: "bootstrap" },
    data: { value: encode(cloudConfig), format: encode("cloud-config") },
  })
  await client.create(RemoteClusterKind, {
    metadata: { namespace, name },
    spec: { controlPlaneEndpoint },
  })
  const infrastructureRef = {
    apiGroup: RemoteClusterKind.group,
    kind: RemoteClusterKind.kind,
    name,
  }
  await client.create(ClusterKind, {
    metadata: { namespace, name },
    spec: { infrastructureRef, controlPlaneEndpoint },
  })
}

async function createHost(client: Client, index: number, address: string): Promise<void> {
  const metadata = { namespace, name: `host-${index}` }
  await client.create(RemoteMachineKind, {
    metadata,
    spec: {
      address,
      port: 22,
      user: "root",
      commandsAsScript: false,
      workingDir: "/etc/k0smotron",
      sshKeyRef: { name: "ssh-key" },
    },
  })
  await client.create(MachineKind, {
    metadata,
    spec: {
      clusterName: name,
      version: "v1.34.4",
      bootstrap: { dataSecretName: "bootstrap" },
      infrastructureRef: {
        apiGroup: RemoteMachineKind.group,
        kind: RemoteMachineKind.kind,
        name: metadata.name,
      },
    },
  })
}

/** The plans have run on the hosts; their Nodes are not waited for, because there is no cluster. */
async function allProvisioned(client: Client, startedAt: number): Promise<void> {
  for (;;) {
    const machines = await client.listAll(RemoteMachineKind)
    const missing = machines.filter((machine) => !isProvisioned(machine))
    if (machines.length === hostCount && missing.length === 0) return
    if (performance.now() - startedAt > limitMs) {
      const { metadata, status } = missing[0] ?? { metadata: { name: "none" }, status: undefined }
      const condition = findCondition({ status }, "Ready")
      throw new Error(
        `wait for hosts: ${missing.length} are missing, ${metadata.name}: ${condition?.reason} ${condition?.message}`,
      )
    }
    await delay(200)
  }
}

function isProvisioned({ status }: RemoteMachine): boolean {
  return status?.initialization?.provisioned === true
}
