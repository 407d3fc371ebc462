import { expect, test } from "vitest"
import { condition, isReady, TestObjects } from "./testing/objects.ts"
import { rootsOf } from "./relations.ts"
import { buildTree, isTreeReady, type TreeNode } from "./tree.ts"

function outline(node: TreeNode, depth = 0): readonly string[] {
  const line = `${"  ".repeat(depth)}${node.title} ${node.health.state}`
  return [line, ...node.children.flatMap((child) => outline(child, depth + 1))]
}

test("a tree has everything that a cluster is made of, control plane first", async () => {
  const objects = new TestObjects()
  const cluster = objects.cluster()
  objects.remoteCluster(isReady)
  const deployment = objects.deployment(condition("Available", "True", "Available"))
  const set = objects.machineSet(deployment, "edge-workers-2", 1)
  objects.machineSet(deployment, "edge-workers-1", 0)
  for (const machine of [
    objects.machine("worker", [isReady], set),
    objects.machine("edge-0", [isReady]),
  ]) {
    objects.config(machine, isReady)
    objects.host(machine, { conditions: [isReady] })
  }

  const tree = buildTree(await objects.view(), cluster)

  expect(outline(tree)).toEqual([
    "Cluster/edge ready",
    "  RemoteCluster/edge ready",
    "  Machine/edge-0 ready",
    "    KubeadmConfig/edge-0 ready",
    "    RemoteMachine/edge-0 ready",
    "  MachineDeployment/edge-workers ready",
    "    MachineSet/edge-workers-2 ready",
    "      Machine/worker ready",
    "        KubeadmConfig/worker ready",
    "        RemoteMachine/worker ready",
  ])
  expect(isTreeReady(tree)).toBe(true)
})

test("what belongs to a cluster that is not there is a root of its own", async () => {
  const objects = new TestObjects()
  const deployment = objects.deployment(condition("Available", "False", "NotAvailable"))
  const set = objects.machineSet(deployment, "edge-workers-1", 1)
  objects.machine("edge-workers-1-a", [isReady], set)
  objects.machine("edge-0", [isReady])
  const view = await objects.view()

  const roots = rootsOf(view)
  expect(roots.map(({ metadata }) => metadata.name)).toEqual(["edge-workers", "edge-0"])
  expect(buildTree(view, deployment).health).toMatchObject({
    state: "stuck",
    message: "its Cluster does not exist",
  })

  objects.cluster()
  expect(rootsOf(view).map(({ kind }) => kind)).toEqual(["Cluster"])
})

test("an object that is referred to and not there is stuck, and so is no tree with it ready", async () => {
  const objects = new TestObjects()
  const cluster = objects.cluster()

  const tree = buildTree(await objects.view(), cluster)

  expect(outline(tree)).toEqual(["Cluster/edge ready", "  RemoteCluster/edge stuck"])
  expect(isTreeReady(tree)).toBe(false)
})

test("what is gone already is no part of an object that is being deleted", async () => {
  const objects = new TestObjects()
  const cluster = objects.cluster()
  const going = objects.replace(cluster, { deletionTimestamp: "2026-03-01T12:00:00Z" })

  expect(outline(buildTree(await objects.view(), going))).toEqual(["Cluster/edge deleting"])
})

test("a bootstrap that is under way shows its step; one that is over does not", async () => {
  const objects = new TestObjects()
  const machine = objects.machine("edge-0", [condition("Ready", "False", "NotReady")])
  const bootstrap = { currentStep: "kubeadm-init", stepsDone: 4, stepsTotal: 9 }
  objects.config(machine, isReady)
  objects.host(machine, { bootstrap })
  const before = buildTree(await objects.view(), machine)
  objects.host(machine, { bootstrap, initialization: { provisioned: true } })

  const after = buildTree(await objects.view(), machine)

  expect(before.children[1]?.progress).toBe("4/9 kubeadm-init")
  expect(after.children[1]?.progress).toBeUndefined()
})

test.each([
  ["nobody has looked at it", undefined, "unknown"],
  ["its summary is true", [isReady], "ready"],
  ["a controller works on it", [condition("Ready", "False", "Bootstrapping")], "working"],
  ["only a person can help", [condition("Ready", "False", "HostInUse")], "stuck"],
  [
    "the summary only repeats what another condition explains",
    [
      condition("BootstrapExecSucceeded", "False", "SudoRequired"),
      condition("Ready", "False", "NotReady"),
    ],
    "stuck",
  ],
] as const)("a host is judged when %s", async (_case, conditions, state) => {
  const objects = new TestObjects()
  const machine = objects.machine("edge-0", [isReady])
  const host = objects.host(machine, conditions && { conditions: [...conditions] })

  expect(buildTree(await objects.view(), host).health.state).toBe(state)
})
