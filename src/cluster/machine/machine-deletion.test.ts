import {
  ClusterKind,
  DevMachineKind,
  EventKind,
  KubeadmConfigKind,
  type Machine,
  MachineKind,
  NodeKind,
  type Pod,
  PodKind,
} from "#apis"
import { ApiError, findCondition } from "#meta"
import { expect, test } from "vitest"
import { Bench, clusterName, namespace } from "../testing/bench.ts"
import { aMachine, bringUp, key, makeCluster, makeMachine } from "../testing/objects.ts"

/** A cluster with a control plane and a worker, both running. */
async function runningCluster(worker: Parameters<typeof aMachine>[1] = {}): Promise<Bench> {
  const bench = await Bench.start()
  await makeCluster(bench)
  await makeMachine(bench, aMachine("cp", { isControlPlane: true }))
  await bringUp(bench, "cp")
  await makeMachine(bench, aMachine("worker", worker))
  await bringUp(bench, "worker")
  return bench
}

async function stageOf(bench: Bench, name: string): Promise<string | undefined> {
  const machine = await bench.client.find(MachineKind, key(name))
  return machine && findCondition(machine, "Deleting")?.reason
}

/** Keeps an object until the test lets it go, as a provider's finalizer does. */
async function hold(bench: Bench, kind: typeof DevMachineKind | typeof KubeadmConfigKind) {
  const patch = (finalizers: readonly string[] | null) =>
    bench.client.patch(kind as typeof DevMachineKind, key("worker"), {
      type: "merge",
      body: { metadata: { finalizers } },
    })
  await patch(["test/hold"])
  return async () => {
    await patch(null)
    await bench.settle()
  }
}

test("a worker goes in order: infrastructure, bootstrap config, Node, Machine", async () => {
  await using bench = await runningCluster()
  const releaseInfrastructure = await hold(bench, DevMachineKind)
  const releaseBootstrap = await hold(bench, KubeadmConfigKind)

  await bench.client.delete(MachineKind, key("worker"))
  await bench.until(
    MachineKind,
    "worker",
    (machine) => deletingReason(machine) === "WaitingForInfrastructureDeletion",
  )
  const infrastructure = await bench.client.get(DevMachineKind, key("worker"))
  const bootstrap = await bench.client.get(KubeadmConfigKind, key("worker"))
  expect(infrastructure.metadata.deletionTimestamp).toBeDefined()
  expect(bootstrap.metadata.deletionTimestamp).toBeUndefined()
  const node = await bench.workloadClient.get(NodeKind, { name: "worker" })
  expect(node.spec?.unschedulable).toBe(true)

  await releaseInfrastructure()
  expect(await stageOf(bench, "worker")).toBe("WaitingForBootstrapDeletion")
  expect(await bench.workloadClient.find(NodeKind, { name: "worker" })).toBeDefined()

  await releaseBootstrap()
  await bench.until(MachineKind, "worker", (machine) => machine === undefined)
  expect(await bench.workloadClient.find(NodeKind, { name: "worker" })).toBeUndefined()
  expect(await bench.workloadClient.find(NodeKind, { name: "cp" })).toBeDefined()
})

function deletingReason(machine: Machine | undefined): string | undefined {
  return machine && findCondition(machine, "Deleting")?.reason
}

test("hooks hold a deletion up before draining and before the machine ends", async () => {
  const preDrain = "pre-drain.delete.hook.machine.cluster.x-k8s.io/backup"
  const preTerminate = "pre-terminate.delete.hook.machine.cluster.x-k8s.io/etcd"
  await using bench = await runningCluster({ annotations: { [preDrain]: "", [preTerminate]: "" } })
  const dropHook = async (name: string): Promise<void> => {
    const body = { metadata: { annotations: { [name]: null } } }
    await bench.client.patch(MachineKind, key("worker"), { type: "merge", body })
    await bench.settle()
  }

  await bench.client.delete(MachineKind, key("worker"))
  await bench.settle()
  expect(await stageOf(bench, "worker")).toBe("WaitingForPreDrainHook")
  const node = await bench.workloadClient.get(NodeKind, { name: "worker" })
  expect(node.spec?.unschedulable).toBeUndefined()

  await dropHook(preDrain)
  await bench.until(
    MachineKind,
    "worker",
    (machine) => deletingReason(machine) === "WaitingForPreTerminateHook",
  )
  const machine = await bench.client.get(MachineKind, key("worker"))
  expect(machine.status?.deletion).toMatchObject({
    waitForPreDrainHookStartTime: expect.any(String),
    nodeDrainStartTime: expect.any(String),
    waitForPreTerminateHookStartTime: expect.any(String),
  })

  await dropHook(preTerminate)
  await bench.until(MachineKind, "worker", (found) => found === undefined)
})

const budgetText = "Cannot evict pod as it would violate the pod's disruption budget."

/** Plays the eviction of a Kubernetes with a disruption budget around some Pods. */
function playEvictions(bench: Bench, isProtected: (name: string) => boolean): void {
  bench.workload.server.subresources.add({ group: "", plural: "pods" }, "eviction", {
    create: async (call) => {
      const { name = "" } = call
      if (isProtected(name)) {
        const message = "The disruption budget db needs 2 healthy pods and has 2 currently"
        const details = { causes: [{ reason: "DisruptionBudget", message }] }
        throw new ApiError(429, "TooManyRequests", budgetText, { details })
      }
      await bench.workloadClient.delete(PodKind, { namespace, name })
      return { apiVersion: "policy/v1", kind: "Eviction", metadata: { name } }
    },
  })
}

async function runPod(bench: Bench, name: string): Promise<Pod> {
  return bench.workloadClient.create(PodKind, {
    metadata: { name, namespace, finalizers: ["test/kubelet"] },
    spec: { containers: [{ name: "main", image: "x" }], nodeName: "worker" },
  })
}

/** What a kubelet does in the end. */
async function endPod(bench: Bench, name: string): Promise<void> {
  const pod = { namespace, name }
  await bench.workloadClient.patch(PodKind, pod, {
    type: "merge",
    body: { metadata: { finalizers: null } },
  })
  if (!(await bench.workloadClient.find(PodKind, pod))) return
  await bench.workloadClient.delete(PodKind, pod, { gracePeriodSeconds: 0 })
}

test("draining evicts Pods, respects disruption budgets and comes back until none is left", async () => {
  await using bench = await runningCluster()
  const guarded = new Set(["db"])
  playEvictions(bench, (name) => guarded.has(name))
  await runPod(bench, "web")
  await runPod(bench, "db")

  await bench.client.delete(MachineKind, key("worker"))
  const draining = await bench.until(
    MachineKind,
    "worker",
    (machine) => deletingReason(machine) === "DrainingNode",
  )
  const { message = "" } = findCondition(draining ?? {}, "Deleting") ?? {}
  expect(message).toContain("* Pod default/web: deletionTimestamp set")
  expect(message).toContain(
    "* Pod default/db: cannot evict pod as it would violate the pod's disruption budget. " +
      "The disruption budget db needs 2 healthy pods and has 2 currently",
  )
  expect(findCondition(draining ?? {}, "Ready")).toMatchObject({
    status: "False",
    message: "* Deleting: Machine deletion in progress, stage: DrainingNode",
  })
  const infrastructure = await bench.client.get(DevMachineKind, key("worker"))
  expect(infrastructure.metadata.deletionTimestamp).toBeUndefined()

  guarded.clear()
  await endPod(bench, "web")
  await endPod(bench, "db")
  bench.clock.advance(20_000)
  await bench.until(MachineKind, "worker", (machine) => machine === undefined)
  const reasons = (await bench.client.listAll(EventKind, { namespace })).map(({ reason }) => reason)
  expect(reasons).toContain("SuccessfulDrainNode")
})

test("a drain that takes longer than its limit is given up", async () => {
  await using bench = await runningCluster({
    spec: { deletion: { nodeDrainTimeoutSeconds: 30, nodeDeletionTimeoutSeconds: 10 } },
  })
  playEvictions(bench, () => true)
  await runPod(bench, "db")
  await bench.client.delete(MachineKind, key("worker"))
  await bench.until(MachineKind, "worker", (machine) => deletingReason(machine) === "DrainingNode")

  bench.clock.advance(20_000)
  await bench.settle()
  expect(await stageOf(bench, "worker")).toBe("DrainingNode")
  bench.clock.advance(20_000)
  await bench.until(MachineKind, "worker", (machine) => machine === undefined)
})

test("a Cluster takes its Machines, then its infrastructure, and leaves the Nodes alone", async () => {
  await using bench = await runningCluster()
  const release = await hold(bench, DevMachineKind)

  await bench.client.delete(ClusterKind, key(clusterName))
  await bench.until(MachineKind, "cp", (machine) => machine === undefined)
  const cluster = await bench.client.get(ClusterKind, key(clusterName))
  expect(cluster.status?.phase).toBe("Deleting")
  expect(findCondition(cluster, "Deleting")).toMatchObject({
    status: "True",
    reason: "WaitingForWorkersDeletion",
    message: "* Worker Machines: worker",
  })

  await release()
  await bench.until(ClusterKind, clusterName, (found) => found === undefined)
  expect(await bench.client.listAll(DevMachineKind, { namespace })).toEqual([])
  expect(await bench.workloadClient.listAll(NodeKind)).toHaveLength(2)
})

test("the last control plane Machine goes without draining a Node that nobody could reach", async () => {
  await using bench = await runningCluster()
  playEvictions(bench, () => true)
  await bench.client.delete(MachineKind, key("cp"))
  await bench.until(MachineKind, "cp", (machine) => machine === undefined)
  expect(await bench.workloadClient.find(NodeKind, { name: "cp" })).toBeDefined()
})
