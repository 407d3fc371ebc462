import { expect, test } from "vitest"

import { NodeKind, RemoteMachineKind, SecretKind } from "#apis"
import { TestServer } from "#apiserver/testing"
import { Client } from "#client"
import { findCondition } from "#meta"

import { machineNameLabel } from "./annotations.ts"
import { messageOf, RemoteBench } from "./testing/remote-bench.ts"

test(
  "the Node of a machine gets its identity and its name as soon as it is there",
  {
    timeout: 180_000,
  },
  async () => {
    await using workload = await TestServer.start()
    const cluster = new Client(workload.transport(), { fieldManager: "kubelet" })
    await using bench = await RemoteBench.start()
    await bench.startControllers()
    await bench.addMachine("m", bench.cloudConfig("true"))
    const alone = await bench.untilReady("m")
    await bench.until(
      RemoteMachineKind,
      "m",
      (object) =>
        object !== undefined &&
        findCondition(object, "NodeLinked")?.reason === "WaitingForWorkloadCluster",
    )
    expect(findCondition(alone, "Ready")?.status).toBe("True")
    await bench.client.create(SecretKind, {
      metadata: { name: "edge-kubeconfig", namespace: "default" },
      data: { value: Buffer.from(await workload.kubeconfig()).toString("base64") },
    })
    const lonely = await bench.until(
      RemoteMachineKind,
      "m",
      (object) =>
        object !== undefined && findCondition(object, "NodeLinked")?.reason === "WaitingForNode",
    )
    expect(lonely && messageOf(lonely, "NodeLinked")).toContain("has no Node at 127.0.0.1")
    await cluster.create(NodeKind, {
      metadata: { name: "other" },
      spec: {},
      status: { addresses: [{ type: "InternalIP", address: "10.9.9.9" }] },
    })
    const created = await cluster.create(NodeKind, { metadata: { name: "host-1" }, spec: {} })
    await cluster.patch(
      NodeKind,
      { name: created.metadata.name },
      {
        type: "merge",
        body: { status: { addresses: [{ type: "InternalIP", address: "127.0.0.1" }] } },
      },
      { subresource: "status" },
    )
    await bench.until(
      RemoteMachineKind,
      "m",
      (object) => object !== undefined && findCondition(object, "NodeLinked")?.status === "True",
    )
    const node = await cluster.get(NodeKind, { name: "host-1" })
    expect(node.spec?.providerID).toBe(`remote-machine://127.0.0.1:${bench.sshd.address.port}`)
    expect(node.metadata.labels?.[machineNameLabel]).toBe("m")
    const other = await cluster.get(NodeKind, { name: "other" })
    expect(other.spec?.providerID).toBeUndefined()
  },
)
