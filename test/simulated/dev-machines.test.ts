import { expect, test } from "vitest"
import {
  ClusterKind,
  type DevCluster,
  DevClusterKind,
  type DevMachine,
  DevMachineKind,
  KubeadmConfigKind,
  MachineKind,
  NamespaceKind,
} from "#apis"
import { FakeClock } from "#base/testing"
import type { Client } from "#client"
import { findCondition, isConditionTrue } from "#meta"
import { Management } from "./management.ts"

const namespace = "default"
const name = "small"

test("the parts of a machine come up one after the other, each after its own duration", async () => {
  const clock = new FakeClock()
  await using management = await Management.start({ clock })
  await createCluster(management.client, { inMemory: {} })
  await createControlPlane(management.client, {
    inMemory: { vm: after("1m"), etcd: after("30s"), apiServer: after("20s"), node: after("10s") },
  })
  const machineIn = (reason: string): Promise<DevMachine> =>
    management.until(
      DevMachineKind,
      name,
      (machine) => findCondition(machine, "Ready")?.reason === reason,
    )

  expect(upParts(await machineIn("VmStarting"))).toEqual([])
  clock.advance(59_000)
  await management.manager.settled()
  expect(upParts(await machineIn("VmStarting"))).toEqual([])
  clock.advance(2_000)
  expect(upParts(await machineIn("EtcdStarting"))).toEqual(["VMProvisioned"])
  clock.advance(30_000)
  expect(upParts(await machineIn("ApiServerStarting"))).toEqual([
    "VMProvisioned",
    "EtcdProvisioned",
  ])
  clock.advance(20_000)
  expect(upParts(await machineIn("NodeStarting"))).toEqual([
    "VMProvisioned",
    "EtcdProvisioned",
    "APIServerProvisioned",
  ])
  const starting = await management.client.get(DevMachineKind, { namespace, name })
  expect(starting.status?.initialization?.provisioned).toBeUndefined()
  clock.advance(10_000)
  const ready = await machineIn("Ready")
  expect(upParts(ready)).toHaveLength(4)
  expect(ready.status?.initialization?.provisioned).toBe(true)
  expect(ready.spec?.providerID).toBe(`in-memory:///${name}`)
})

test("a restart in the middle of a duration does not begin it again", async () => {
  const clock = new FakeClock()
  await using management = await Management.start({ clock })
  await createCluster(management.client, { inMemory: {} })
  await createControlPlane(management.client, { inMemory: { vm: after("1m") } })
  const isStarting = (machine: DevMachine): boolean =>
    findCondition(machine, "Ready")?.reason === "VmStarting"
  await management.until(DevMachineKind, name, isStarting)
  clock.advance(50_000)
  await management.restart()
  await management.manager.settled()
  clock.advance(11_000)
  const machine = await management.until(DevMachineKind, name, (found) =>
    isConditionTrue(found, "Ready"),
  )
  expect(upParts(machine)).toHaveLength(4)
})

test("containers are refused with a reason, on clusters and on machines", async () => {
  await using management = await Management.start()
  await createCluster(management.client, { docker: {} })
  const cluster = await management.until(
    DevClusterKind,
    name,
    (found) => findCondition(found, "Ready") !== undefined,
  )
  expect(findCondition(cluster, "Ready")).toMatchObject({
    status: "False",
    reason: "BackendNotSupported",
    message: expect.stringContaining("spec.backend.inMemory") as string,
  })
  expect(cluster.spec?.controlPlaneEndpoint).toBeUndefined()
  await createControlPlane(management.client, { docker: {} })
  const machine = await management.until(
    DevMachineKind,
    name,
    (found) => findCondition(found, "Ready")?.reason === "BackendNotSupported",
  )
  expect(machine.spec?.providerID).toBeUndefined()
})

test("two clusters with one name in two namespaces are two clusters", async () => {
  await using management = await Management.start()
  const { client } = management
  await client.create(NamespaceKind, { metadata: { name: "other" } })
  await createCluster(client, { inMemory: {} })
  await createCluster(client, { inMemory: {} }, "other")
  const first = await management.until(DevClusterKind, name, hasPort)
  const second = await management.until(DevClusterKind, name, hasPort, "other")
  expect(portOf(second)).not.toBe(portOf(first))
})

function hasPort(cluster: DevCluster): boolean {
  return portOf(cluster) !== undefined
}

function portOf(cluster: DevCluster): number | undefined {
  return cluster.spec?.controlPlaneEndpoint?.port
}

function upParts(machine: DevMachine): readonly string[] {
  return ["VMProvisioned", "EtcdProvisioned", "APIServerProvisioned", "NodeProvisioned"].filter(
    (type) => isConditionTrue(machine, type),
  )
}

function after(startupDuration: string): {
  readonly provisioning: { readonly startupDuration: string }
} {
  return { provisioning: { startupDuration } }
}

async function createCluster(
  client: Client,
  backend: NonNullable<DevCluster["spec"]>["backend"],
  inNamespace = namespace,
): Promise<void> {
  const metadata = { namespace: inNamespace, name }
  await client.create(DevClusterKind, { metadata, spec: { backend } })
  const infrastructureRef = { apiGroup: DevClusterKind.group, kind: DevClusterKind.kind, name }
  await client.create(ClusterKind, { metadata, spec: { infrastructureRef } })
}

async function createControlPlane(
  client: Client,
  backend: NonNullable<DevMachine["spec"]>["backend"],
): Promise<void> {
  const metadata = { namespace, name }
  await client.create(DevMachineKind, { metadata, spec: { backend } })
  await client.create(KubeadmConfigKind, { metadata })
  await client.create(MachineKind, {
    metadata: { ...metadata, labels: { "cluster.x-k8s.io/control-plane": "" } },
    spec: {
      clusterName: name,
      version: "v1.34.4",
      bootstrap: {
        configRef: { apiGroup: KubeadmConfigKind.group, kind: KubeadmConfigKind.kind, name },
      },
      infrastructureRef: { apiGroup: DevMachineKind.group, kind: DevMachineKind.kind, name },
    },
  })
}
