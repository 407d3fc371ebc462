import { expect, test } from "vitest"
import { condition, isReady, TestObjects, transitionTime } from "./testing/objects.ts"
import { explain } from "./why.ts"

const notReady = condition("Ready", "False", "NotReady")
const notAllReady = condition("MachinesReady", "False", "NotReady")
const unavailable = condition("Available", "False", "NotAvailable")

/** A cluster whose control plane machine waits for its host, which is as `status` says. */
async function explainHost(status: Parameters<TestObjects["host"]>[1]) {
  const objects = new TestObjects()
  const cluster = objects.cluster({ status: { conditions: [unavailable] } })
  objects.remoteCluster(isReady)
  const machine = objects.machine("edge-0", [notReady])
  objects.config(machine, isReady)
  objects.host(machine, status)
  return explain(await objects.view(), cluster)
}

test("a cluster whose objects are all well waits for nothing", async () => {
  const objects = new TestObjects()
  const cluster = objects.cluster()

  const explanation = explain(await objects.view(), cluster)

  expect(explanation).toMatchObject({ isReady: true, evidence: [] })
  expect(explanation.path.map(({ title }) => title)).toEqual(["Cluster/edge"])
})

test("the deepest blocker of a cluster is the host that refuses the key", async () => {
  const explanation = await explainHost({
    conditions: [condition("Ready", "False", "AuthenticationFailed", "the key is refused")],
  })

  expect(explanation.path.map(({ title }) => title)).toEqual([
    "Cluster/edge",
    "Machine/edge-0",
    "RemoteMachine/edge-0",
  ])
  expect(explanation).toMatchObject({
    isReady: false,
    reason: "AuthenticationFailed",
    message: "the key is refused",
    since: transitionTime,
    turn: { who: "you", isStuck: true },
    machine: "edge-0",
  })
})

test("a failed step is shown with the host's own output, and how to retry", async () => {
  const explanation = await explainHost({
    bootstrap: {
      attempt: 2,
      currentStep: "kubeadm-init",
      stepsDone: 4,
      stepsTotal: 9,
      message: "[preflight] error\nport 6443 is in use\n",
    },
    conditions: [
      condition("BootstrapExecSucceeded", "False", "BootstrapFailed", "exited with code 1"),
      condition("Ready", "False", "BootstrapFailed", "exited with code 1"),
    ],
  })

  expect(explanation.turn?.advice).toContain("mothership retry machine/NAME")
  expect(explanation.evidence).toEqual([
    "BootstrapExecSucceeded=False BootstrapFailed: exited with code 1",
    "step 4/9 kubeadm-init, attempt 2",
    "[preflight] error",
    "port 6443 is in use",
  ])
})

test("a host that runs a step is the one whose turn it is", async () => {
  const explanation = await explainHost({
    conditions: [condition("Ready", "False", "Bootstrapping", "kubeadm init is running")],
  })

  expect(explanation.turn).toEqual({ who: "the host, which runs a step", isStuck: false })
})

test("a worker that waits for the control plane leads to the control plane's host", async () => {
  const objects = new TestObjects()
  objects.cluster({ status: { initialization: { infrastructureProvisioned: true } } })
  const first = objects.machine("edge-0", [notReady])
  objects.config(first, isReady)
  objects.host(first, { conditions: [condition("Ready", "False", "HostUnreachable", "no route")] })
  const set = objects.machineSet(objects.deployment(unavailable), "edge-workers-1", 1)
  const worker = objects.machine("edge-workers-1-a", [notReady], set)
  const waiting = condition("Ready", "False", "WaitingForControlPlane")
  objects.config(worker, waiting)
  objects.host(worker, { conditions: [condition("Ready", "False", "WaitingForBootstrapData")] })

  const explanation = explain(await objects.view(), worker)

  expect(explanation.path.map(({ title }) => title)).toEqual([
    "Machine/edge-workers-1-a",
    "KubeadmConfig/edge-workers-1-a",
    "Machine/edge-0",
    "RemoteMachine/edge-0",
  ])
  expect(explanation).toMatchObject({ reason: "HostUnreachable", machine: "edge-0" })
})

test("of two problems the one that nobody but a person can end comes first", async () => {
  const objects = new TestObjects()
  const cluster = objects.cluster({ status: { conditions: [unavailable] } })
  objects.remoteCluster(isReady)
  const busy = objects.machine("edge-0", [notReady])
  objects.config(busy, isReady)
  objects.host(busy, { conditions: [condition("Ready", "False", "Bootstrapping")] })
  const set = objects.machineSet(objects.deployment(unavailable), "edge-workers-1", 1, notAllReady)
  const stuck = objects.machine(
    "edge-workers-1-a",
    [condition("Ready", "False", "NoFreeHost")],
    set,
  )
  objects.config(stuck, isReady)
  objects.host(stuck, { conditions: [condition("Ready", "False", "NoFreeHost", "all are taken")] })

  const explanation = explain(await objects.view(), stuck)
  const ofCluster = explain(await objects.view(), cluster)

  expect(explanation.message).toBe("all are taken")
  expect(ofCluster.path.map(({ title }) => title)).toEqual([
    "Cluster/edge",
    "MachineDeployment/edge-workers",
    "MachineSet/edge-workers-1",
    "Machine/edge-workers-1-a",
    "RemoteMachine/edge-workers-1-a",
  ])
})

test("a deployment whose template is not there is stuck, and the message names it", async () => {
  const objects = new TestObjects()
  const cluster = objects.cluster({ status: { conditions: [unavailable] } })
  objects.remoteCluster(isReady)
  const machine = objects.machine("edge-0", [isReady])
  objects.config(machine, isReady)
  objects.host(machine, { conditions: [isReady] })
  const blocked =
    "Scaling up from 0 to 1 replicas is blocked because:\n" +
    "* DevMachineTemplate nope does not exist"
  objects.deployment(unavailable, condition("ScalingUp", "True", "ScalingUp", blocked))

  const explanation = explain(await objects.view(), cluster)

  expect(explanation).toMatchObject({
    reason: "ObjectDoesNotExist",
    message: "DevMachineTemplate nope does not exist",
    turn: { who: "you", isStuck: true },
  })
  expect(explanation.path.at(-1)?.title).toBe("MachineDeployment/edge-workers")
})

test("an available deployment whose rollout is blocked is not ready, and says what blocks it", async () => {
  const objects = new TestObjects()
  objects.cluster()
  const blocked = "Scaling up would be blocked because:\n* DevMachineTemplate new does not exist"
  const deployment = objects.deployment(
    condition("Available", "True", "Available"),
    condition("RollingOut", "True", "RollingOut", "Rolling out 1 not up-to-date replicas"),
    condition("ScalingUp", "False", "NotScalingUp", blocked),
  )

  const explanation = explain(await objects.view(), deployment)

  expect(explanation).toMatchObject({
    isReady: false,
    message: "DevMachineTemplate new does not exist",
    turn: { who: "you", isStuck: true },
  })
})

test("an available deployment that rolls out is on its way", async () => {
  const objects = new TestObjects()
  objects.cluster()
  const deployment = objects.deployment(
    condition("Available", "True", "Available"),
    condition("RollingOut", "True", "RollingOut", "Rolling out 1 not up-to-date replicas"),
  )

  const explanation = explain(await objects.view(), deployment)

  expect(explanation).toMatchObject({ isReady: false, reason: "RollingOut" })
})

test("a machine of a kind that nobody serves is for the user to mend", async () => {
  const objects = new TestObjects()
  objects.cluster()
  const message = "find kind AWSMachine.infrastructure.cluster.x-k8s.io: no CRD serves it"
  const machine = objects.machine("edge-0", [
    condition("InfrastructureReady", "Unknown", "InternalError", message),
    condition("Ready", "Unknown", "ReadyUnknown", `* InfrastructureReady: ${message}`),
  ])
  objects.config(machine, isReady)
  objects.host(machine, { conditions: [isReady] })

  const explanation = explain(await objects.view(), machine)

  expect(explanation).toMatchObject({ reason: "KindNotServed", message, turn: { who: "you" } })
})

test("what names a cluster that is not there waits for that cluster", async () => {
  const objects = new TestObjects()
  const machine = objects.machine("edge-0", [notReady])
  const config = objects.config(machine, condition("Ready", "False", "DataSecretNotAvailable"))
  const view = await objects.view()

  const blocked =
    "Scaling up from 0 to 1 replicas is blocked because:\n* Cluster edge does not exist"
  const deployment = objects.deployment(
    unavailable,
    condition("ScalingUp", "True", "ScalingUp", blocked),
  )
  for (const object of [machine, config, deployment]) {
    const { path, turn } = explain(view, object)
    expect(path.at(-1)?.title).toBe("Cluster/edge")
    expect(turn).toMatchObject({ who: "you", advice: "create Cluster/edge" })
  }
})

test("workers of a cluster that nobody gave a control plane lead to that gap", async () => {
  const objects = new TestObjects()
  const initialization = { infrastructureProvisioned: true }
  const cluster = objects.cluster({ status: { conditions: [unavailable], initialization } })
  objects.remoteCluster(isReady)
  const set = objects.machineSet(objects.deployment(unavailable), "edge-workers-1", 1, notAllReady)
  const worker = objects.machine("edge-workers-1-a", [notReady], set)
  objects.config(worker, condition("Ready", "False", "DataSecretNotAvailable"))
  objects.host(worker, { conditions: [condition("Ready", "False", "WaitingForBootstrapData")] })
  const view = await objects.view()

  for (const object of [cluster, worker]) {
    const { message, turn } = explain(view, object)
    expect(message).toBe("no Machine of Cluster edge has the label cluster.x-k8s.io/control-plane")
    expect(turn).toMatchObject({ who: "you", isStuck: true })
  }
})

test("a cluster whose last control plane machine was deleted leads to that gap", async () => {
  const objects = new TestObjects()
  const initialization = { infrastructureProvisioned: true, controlPlaneInitialized: true }
  const cluster = objects.cluster({ status: { conditions: [unavailable], initialization } })
  objects.remoteCluster(isReady)
  objects.deployment(unavailable)

  const { message } = explain(await objects.view(), cluster)

  expect(message).toBe("no Machine of Cluster edge has the label cluster.x-k8s.io/control-plane")
})

test("a reference to something that does not exist ends the walk", async () => {
  const objects = new TestObjects()
  objects.cluster()
  const machine = objects.machine("edge-0", [notReady])
  objects.config(machine, isReady)

  const explanation = explain(await objects.view(), machine)

  expect(explanation).toMatchObject({
    reason: "ObjectDoesNotExist",
    message: "RemoteMachine/edge-0 does not exist",
    turn: { who: "you", advice: "create RemoteMachine/edge-0" },
  })
})

test("a deletion that waits for a host says what is wrong with it, and how to give it up", async () => {
  const objects = new TestObjects()
  const deletionTimestamp = transitionTime
  objects.cluster()
  const machine = objects.machine("edge-0", [
    condition("Deleting", "True", "WaitingForInfrastructureDeletion", "Waiting for RemoteMachine"),
  ])
  const host = objects.host(machine, {
    conditions: [condition("Ready", "False", "OwnHost", "the plane runs on it")],
  })
  const going = [machine, host].map((each) => objects.replace(each, { deletionTimestamp }))

  const explanation = explain(await objects.view(), going[0] ?? machine)

  expect(explanation.path.at(-1)?.title).toBe("RemoteMachine/edge-0")
  expect(explanation).toMatchObject({ reason: "OwnHost", turn: { who: "you", isStuck: true } })
  expect(explanation.turn?.advice).toContain(
    "kubectl annotate remotemachine edge-0 -n default remote.mothership.dev/force-release=true",
  )
})

test("a deletion that nobody explains names the finalizers that it waits for", async () => {
  const objects = new TestObjects()
  objects.cluster()
  const config = objects.config(objects.machine("edge-0", [isReady]), isReady)
  const finalizers = ["example.com/mine"]
  const going = objects.replace(config, { deletionTimestamp: transitionTime, finalizers })

  const { message } = explain(await objects.view(), going)

  expect(message).toBe("waits for finalizers: example.com/mine")
})

test("a machine whose node cannot be seen leads to the API server that does not answer", async () => {
  const objects = new TestObjects()
  const message = "Remote connection not established yet: reach https://10.0.0.1:6443: refused"
  const probe = condition("RemoteConnectionProbe", "False", "ProbeFailed", message)
  const cluster = objects.cluster({ status: { conditions: [unavailable, probe] } })
  objects.remoteCluster(isReady)
  const machine = objects.machine("edge-0", [
    condition(
      "NodeReady",
      "Unknown",
      "InspectionFailed",
      "Waiting for the Cluster's control plane",
    ),
    condition("Ready", "Unknown", "ReadyUnknown"),
  ])
  objects.config(machine, isReady)
  objects.host(machine, { conditions: [isReady] })

  const explanation = explain(await objects.view(), cluster)

  expect(explanation.path.at(-1)?.title).toBe("Machine/edge-0")
  expect(explanation).toMatchObject({
    reason: "ProbeFailed",
    message,
    turn: { who: "the cluster's API server" },
  })
  expect(explanation.evidence[0]).toBe(`RemoteConnectionProbe=False ProbeFailed: ${message}`)
})

const silences = [
  {
    what: "a host that is down",
    status: "Unknown",
    reason: "NodeHealthyUnknown",
    message: "* Node.AllConditions: Kubelet stopped posting node status.",
    shown: "NodeHealthyUnknown",
    who: "the kubelet on the host, which says nothing any more",
  },
  {
    what: "a cluster without a pod network",
    status: "False",
    reason: "NodeNotHealthy",
    message: "* Node.Ready: container runtime network not ready: cni plugin not initialized",
    shown: "PodNetworkMissing",
    who: "the pod network",
  },
] as const

test.each(silences)(
  "$what shows on its machine",
  async ({ status, reason, message, shown, who }) => {
    const objects = new TestObjects()
    objects.cluster()
    const summary = status === "Unknown" ? "ReadyUnknown" : "NotReady"
    const machine = objects.machine("edge-0", [
      condition("NodeHealthy", status, reason, message),
      condition("Ready", status, summary, `* NodeHealthy: ${message}`),
    ])
    objects.config(machine, isReady)
    objects.host(machine, { conditions: [isReady] })

    const explanation = explain(await objects.view(), machine)

    expect(explanation).toMatchObject({ reason: shown, message, turn: { who, isStuck: false } })
  },
)

test("nothing below a paused object is looked at", async () => {
  const objects = new TestObjects()
  const paused = condition("Paused", "True", "Paused", "Cluster edge is paused")
  const machine = objects.machine("edge-0", [notReady, paused])

  const explanation = explain(await objects.view(), machine)

  expect(explanation.path).toHaveLength(1)
  expect(explanation).toMatchObject({ reason: "Paused", turn: { isStuck: true } })
})
